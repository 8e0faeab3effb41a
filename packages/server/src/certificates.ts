import { KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Config } from './config.ts';
import { StartupProblem } from './store/startup-problem.ts';
import type { Clock } from './store/store.ts';

/** What a server shows of itself to speak HTTPS. */
export interface Certificate {
  /** The chain in PEM, the server's own certificate first. */
  readonly cert: string;
  /** Its private key in PEM. */
  readonly key: string;
  /** The file that clients have to trust; undefined where the operator has given a certificate. */
  readonly trustFile: string | undefined;
}

type TlsConfig = Pick<Config, 'tls' | 'tlsCertificate' | 'tlsKey' | 'dataDir' | 'host' | 'publicUrl' | 'allowedHosts'>;

/** How long a certificate of our own making is good: clients refuse those of more than 398 days. */
const lifetimeDays = 397;
/** A certificate that ends sooner is made anew at the start. */
const leastLeftDays = 30;
const dayMs = 24 * 3_600_000;

/**
 * The certificate of this server: the operator's; with `TLS=local` one of its own, kept in the data folder; else none.
 *
 * @throws StartupProblem that says what is wrong with the files
 */
export async function openCertificate(config: TlsConfig, clock: Clock): Promise<Certificate | undefined> {
  const { tlsCertificate, tlsKey } = config;
  if (tlsCertificate === undefined && tlsKey === undefined) {
    return config.tls === 'local' ? openLocal(config, clock) : undefined;
  }
  if (tlsCertificate === undefined || tlsKey === undefined) {
    throw new StartupProblem('TLS_CERT and TLS_KEY belong together: give both, or neither.');
  }
  const given = { cert: readPem('TLS_CERT', tlsCertificate), key: readPem('TLS_KEY', tlsKey), trustFile: undefined };
  try {
    createSecureContext(given);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartupProblem(`TLS_CERT and TLS_KEY cannot be used together: ${reason}.`, { cause: error });
  }
  return given;
}

function readPem(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = 'unknown reason' } = error as { code?: string };
    throw new StartupProblem(`The file ${path} of ${variable} cannot be read (${code}).`, { cause: error });
  }
}

/** The certificate in the data folder, made where there is none that is good for these names and some time yet. */
async function openLocal(config: TlsConfig, clock: Clock): Promise<Certificate> {
  const folder = join(config.dataDir, 'tls');
  const [trustFile, certFile, keyFile] = ['ca.crt', 'server.crt', 'server.key'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const names = namesOf(config);
  const kept = readKept(certFile, keyFile);
  if (kept !== undefined && isGood(kept.cert, names, clock)) return { ...kept, trustFile };
  const { ca, cert, key } = await makeLocal(names, clock);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(keyFile, key, { mode: 0o600 });
    writeFileSync(certFile, cert);
    writeFileSync(trustFile, ca);
  } catch (error) {
    const { code = 'unknown reason' } = error as { code?: string };
    throw new StartupProblem(`The certificate cannot be kept in ${folder} (${code}).`, { cause: error });
  }
  return { cert, key, trustFile };
}

function readKept(certFile: string, keyFile: string): Pick<Certificate, 'cert' | 'key'> | undefined {
  try {
    const kept = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
    createSecureContext(kept);
    return kept;
  } catch {
    // There is none yet, or half of one: another takes its place.
    return undefined;
  }
}

function isGood(cert: string, names: readonly string[], clock: Clock): boolean {
  const certificate = new X509Certificate(cert);
  const isLasting = Date.parse(certificate.validTo) - clock.now() > leastLeftDays * dayMs;
  return isLasting && names.every((name) => isFor(certificate, name));
}

function isFor(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
}

/** By which names and addresses clients reach this server. */
function namesOf({ host, publicUrl, allowedHosts }: TlsConfig): string[] {
  const named = publicUrl === undefined ? [] : [new URL(publicUrl).hostname];
  const all = [
    'localhost',
    '127.0.0.1',
    '::1',
    host,
    ...named,
    ...allowedHosts.map((name) => name.replace(/:\d+$/, '')),
  ];
  const plain = all.map((name) => name.replace(/^\[(.*)\]$/, '$1').toLowerCase());
  return [...new Set(plain)].filter((name) => name !== '0.0.0.0' && name !== '::');
}

/** ECDSA on P-256, which every client of today knows. */
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/**
 * An authority that signs one certificate and is thrown away: whoever trusts it trusts this server and nothing else,
 * because nobody has its key any more. The extensions are those that strict clients ask for (RFC 5280, section 4.2.1).
 */
async function makeLocal(names: readonly string[], clock: Clock) {
  // The library is large, and few starts need it.
  const x509 = await import('@peculiar/x509');
  const [authorityKeys, serverKeys] = [await makeKeys(), await makeKeys()];
  const life = { notBefore: new Date(clock.now() - dayMs), notAfter: new Date(clock.now() + lifetimeDays * dayMs) };
  const made = life.notBefore.toISOString().slice(0, 10);
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...life,
    name: `CN=Cosell local authority ${made}, O=Cosell`,
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const server = await x509.X509CertificateGenerator.create({
    ...life,
    subject: `CN=${names[0] ?? 'localhost'}`,
    issuer: authority.subject,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }) as const),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(serverKeys.publicKey),
    ],
  });
  const key = KeyObject.from(serverKeys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    ca: `${authority.toString('pem')}\n`,
    cert: `${server.toString('pem')}\n${authority.toString('pem')}\n`,
    key,
  };
}

function makeKeys() {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}
