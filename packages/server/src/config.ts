import { logLevels } from './log.ts';
import { StartupProblem } from './store/startup-problem.ts';
import { readIssuers } from './trusted-issuers.ts';

/**
 * Every setting in one table: the variable, how it is read, its default, one sentence. `cosell start --help`,
 * `docs/configuration.md` and the line at start are made from it.
 */

interface Setting<Value> {
  readonly variable: string;
  readonly sentence: string;
  /** The default, as text for the reader. */
  readonly defaultText: string;
  readonly isSecret: boolean;
  /** The value of the text, or what is wrong with it. */
  readonly read: (text: string | undefined) => Value | Wrong;
}

/** What is wrong with a setting. */
class Wrong {
  readonly advice: string;
  /** Whether the text is shown; the advice may name the faults of a long one. */
  readonly isShown: boolean;

  constructor(advice: string, isShown = true) {
    this.advice = advice;
    this.isShown = isShown;
  }
}

/** How often something may be done: so many times at once, which come back within so many seconds. */
export interface Rate {
  readonly tokens: number;
  readonly seconds: number;
}

function setting<Value>(
  variable: string,
  sentence: string,
  defaultText: string,
  read: Setting<Value>['read'],
  isSecret = false,
): Setting<Value> {
  return { variable, sentence, defaultText, isSecret, read };
}

/** More processes than any machine of today makes use of. */
const mostWorkers = 64;

export const settings = {
  port: setting('PORT', 'Port to listen on; 0 takes any free one.', '7300', (text = '7300') =>
    /^\d{1,5}$/.test(text) && Number(text) < 65_536 ? Number(text) : new Wrong('a number from 0 to 65535'),
  ),
  host: setting('HOST', 'Address to listen on.', '127.0.0.1', (text = '127.0.0.1') => text),
  workers: setting('WORKERS', 'Processes that answer requests; --workers of start says the same.', '1', (text = '1') =>
    /^[1-9]\d?$/.test(text) && Number(text) <= mostWorkers
      ? Number(text)
      : new Wrong(`a number from 1 to ${mostWorkers}`),
  ),
  dataDir: setting(
    'DATA_DIR',
    'Folder of the embedded database; made when missing.',
    './data',
    (text = './data') => text,
  ),
  exchangeDataDir: setting(
    'EXCHANGE_DATA_DIR',
    'Folder with exchange-rates.json, solution-catalogue.json and managed-customers.json; read at start.',
    'the files that come with the program',
    (text) => text,
  ),
  databaseUrl: setting(
    'DATABASE_URL',
    'PostgreSQL to use instead of the embedded database: postgres://…',
    'none',
    (text) =>
      text === undefined || /^postgres(ql)?:\/\//.test(text)
        ? text
        : new Wrong('an address that begins with postgres://'),
    true,
  ),
  queryTimeoutMs: setting(
    'QUERY_TIMEOUT',
    'Milliseconds that a list, a count or a history may take; then it is broken off (503).',
    '8000',
    // Less than the ten seconds in which a server stops, because a stop waits for the queries under way.
    (text = '8000') => readWhole(text, 1, 3_600_000),
  ),
  readers: setting(
    'READERS',
    'Threads that read lists, counts and histories from the embedded database.',
    '2',
    (text = '2') => readWhole(text, 1, 64),
  ),
  publicUrl: setting(
    'PUBLIC_URL',
    'Address by which clients reach the exchange; it stands in links and issuer names.',
    'the address it listens on',
    (text) => (text === undefined ? text : readOrigin(text)),
  ),
  tls: setting(
    'TLS',
    'local speaks HTTPS with a certificate made on this machine and kept in DATA_DIR; --tls of start says the same.',
    'off, or TLS_CERT',
    (text = 'off') => (text === 'off' || text === 'local' ? (text as 'off' | 'local') : new Wrong('off or local')),
  ),
  tlsCertificate: setting(
    'TLS_CERT',
    'File with the certificate of this server and its chain, in PEM; speaks HTTPS. Read at start.',
    'none',
    (text) => text,
  ),
  tlsKey: setting('TLS_KEY', 'File with the private key of TLS_CERT, in PEM.', 'none', (text) => text),
  allowedHosts: setting(
    'ALLOWED_HOSTS',
    'Hosts (with port) that may stand in links when a request names them, separated by commas.',
    'none',
    (text) => readList(text).map((host) => host.toLowerCase()),
  ),
  trustProxy: setting(
    'TRUST_PROXY',
    'Addresses or networks of proxies whose X-Forwarded headers count, separated by commas.',
    'none',
    (text) => readList(text),
  ),
  corsOrigins: setting(
    'CORS_ORIGINS',
    'Origins of web pages that may call the API, separated by commas, or * for all; /_sandbox and /metrics stay closed.',
    'none',
    (text) => readOrigins(text),
  ),
  sandbox: setting(
    'SANDBOX',
    'true loads the sample exchange into an empty store and opens /_sandbox; false does neither.',
    'true on a loopback address',
    (text) => readFlag(text),
  ),
  issuers: setting(
    'ISSUERS',
    'OpenID Connect providers to trust: a JSON list of {"issuer", "audiences", "tenants", …}, or @ and the name of its file.',
    'none; the built-in issuer is always there',
    (text = '[]') => {
      const read = readIssuers(text);
      return 'faults' in read ? new Wrong(read.faults, false) : read.issuers;
    },
  ),
  requireMfa: setting(
    'REQUIRE_MFA',
    'true refuses tokens that do not show a second factor (401, 900421).',
    'false',
    (text) => readFlag(text, false),
  ),
  allowsPasswordGrant: setting(
    'ALLOW_ROPC',
    'true lets programs sign users in by name and password (resource-owner password grant); better is any other flow.',
    'false',
    (text) => readFlag(text, false),
  ),
  extensions: setting(
    'EXTENSIONS',
    'off refuses everything that the documented API does not have.',
    'on',
    (text = 'on') => (text === 'on' || text === 'off' ? text === 'on' : new Wrong('on or off')),
  ),
  unknownProperties: setting(
    'UNKNOWN_PROPERTIES',
    'ignore leaves unknown members of a request body out, with a Cosell-Warning; refuse answers 400.',
    'refuse',
    (text = 'refuse') =>
      text === 'refuse' || text === 'ignore' ? (text as 'refuse' | 'ignore') : new Wrong('refuse or ignore'),
  ),
  ifMatch: setting(
    'IF_MATCH',
    'lenient also takes an eTag without its quotes, or with W/.',
    'strict',
    (text = 'strict') =>
      text === 'strict' || text === 'lenient' ? (text as 'strict' | 'lenient') : new Wrong('strict or lenient'),
  ),
  rateLimitUser: setting(
    'RATE_LIMIT_USER',
    'Requests of a user: 3000/60 is 3,000 at once, which come back within 60 seconds; off for no limit.',
    '3000/60; off in a sandbox',
    (text) => readRate(text),
  ),
  rateLimitOrganization: setting(
    'RATE_LIMIT_ORGANIZATION',
    'The same for all users of an organisation together.',
    '30000/60; off in a sandbox',
    (text) => readRate(text),
  ),
  rateLimitAddress: setting(
    'RATE_LIMIT_ADDRESS',
    'The same for all requests from an address.',
    '30000/60; off in a sandbox',
    (text) => readRate(text),
  ),
  metricsToken: setting(
    'METRICS_TOKEN',
    'Token that opens /metrics to other machines.',
    'none; only this machine may read them',
    (text) => text,
    true,
  ),
  logLevel: setting('LOG_LEVEL', `Least level to log: ${logLevels.join(', ')}.`, 'info', (text = 'info') =>
    (logLevels as readonly string[]).includes(text)
      ? (text as (typeof logLevels)[number])
      : new Wrong(`one of ${logLevels.join(', ')}`),
  ),
} as const satisfies Record<string, Setting<unknown>>;

type Settings = typeof settings;

/** The settings, read. */
export type Config = {
  readonly [Name in keyof Settings]: Exclude<ReturnType<Settings[Name]['read']>, Wrong>;
};

/**
 * Reads all settings from the environment. An empty variable counts as missing.
 *
 * @throws StartupProblem that names every setting that is wrong
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const values = Object.entries(settings).map(([name, { variable, isSecret, read }]) => {
    const text = environment[variable];
    const value: unknown = read(text === '' ? undefined : text);
    if (value instanceof Wrong)
      problems.push(`${variable} must be ${value.advice}${isSecret || !value.isShown ? '' : `, not "${text}"`}`);
    return [name, value];
  });
  if (problems.length > 0) throw new StartupProblem(`${problems.join('; ')}.`);
  return Object.fromEntries(values) as Config;
}

/** Whether the server speaks HTTPS itself. */
export function speaksTls({ tls, tlsCertificate }: Pick<Config, 'tls' | 'tlsCertificate'>): boolean {
  return tls === 'local' || tlsCertificate !== undefined;
}

/** The address that a server with these settings listens on, as a client writes it. */
export function boundAddress(config: Pick<Config, 'tls' | 'tlsCertificate' | 'host'>, port: number): string {
  const { host } = config;
  const isAnywhere = host === '0.0.0.0' || host === '::';
  const name = isAnywhere ? '127.0.0.1' : host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return `${speaksTls(config) ? 'https' : 'http'}://${name}:${port}`;
}

/** Whether an address is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

function readWhole(text: string, least: number, most: number): number | Wrong {
  const number = Number(text);
  return /^\d+$/.test(text) && number >= least && number <= most
    ? number
    : new Wrong(`a whole number from ${least} to ${most}`);
}

function readRate(text: string | undefined): Rate | 'off' | undefined | Wrong {
  if (text === undefined || text === 'off') return text;
  const [, tokens, seconds] = /^([1-9]\d{0,8})\/([1-9]\d{0,4})$/.exec(text) ?? [];
  if (tokens !== undefined && seconds !== undefined) return { tokens: Number(tokens), seconds: Number(seconds) };
  return new Wrong('off, or <requests>/<seconds> such as 3000/60');
}

function readList(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function readFlag(text: string | undefined, absent: boolean): boolean | Wrong;
function readFlag(text: string | undefined): boolean | undefined | Wrong;
function readFlag(text: string | undefined, absent?: boolean): boolean | undefined | Wrong {
  if (text === undefined) return absent;
  return text === 'true' || text === 'false' ? text === 'true' : new Wrong('true or false');
}

function readOrigin(text: string): string | Wrong {
  const isUrl = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  if (!isUrl || new URL(text).pathname !== '/') return new Wrong('an address such as https://referrals.example.com');
  return new URL(text).origin;
}

function readOrigins(text: string | undefined): string[] | Wrong {
  const list = readList(text);
  if (list.length === 1 && list[0] === '*') return list;
  const origins = list.map((item) => readOrigin(item));
  const read = origins.filter((origin) => typeof origin === 'string');
  return read.length === list.length
    ? [...new Set(read)]
    : new Wrong('* alone, or addresses such as https://crm.example.com with commas between them');
}
