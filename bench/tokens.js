import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { root } from './checkout.js';
import { openData } from './data-folder.js';
import { connections, measure } from './load-generator.js';
import { startOurServer } from './our-server.js';
import { memoryOf } from './process-figures.js';
import { print, printAims, printSeries, printTitle, progress, ratiosOf } from './report.js';
import { median } from './statistics.js';

/** Least share of the answers with one token that there are with many in rotation. */
const leastShare = 0.5;
/** The tenant and the object id of `contoso-admin` in the sample exchange. */
const user = { tid: '3f6b1c5e-8f0a-4b52-9d3e-0c1a2b3c4d5e', oid: '00000000-0000-4000-8000-0000000c0001' };
const audience = 'bench';

/**
 * Measures answers by id with one token and with many in rotation, in turns, on one server, and the memory that it has.
 *
 * @param {import('./options.js').Options} options
 */
export async function compareTokens({ tokens, referrals, seconds, rounds, ...options }) {
  const data = await openData(root, referrals, { ...options, referrals, seconds, rounds, tokens });
  const folder = mkdtempSync(join(tmpdir(), 'cosell-bench-tokens-'));
  const issuer = await startIssuer();
  try {
    progress(`signing ${tokens} tokens`);
    const files = { one: join(folder, 'one'), many: join(folder, 'many') };
    writeFileSync(files.one, await issuer.sign(1));
    writeFileSync(files.many, await issuer.sign(tokens));
    const server = await startOurServer(root, data.dataDir, { issuers: issuer.setting });
    try {
      const target = { ...server.target, headers: { Authorization: 'Bearer {token}' } };
      const contestants = [
        { name: 'one token', tokensFile: files.one },
        { name: `${tokens} tokens`, tokensFile: files.many },
      ];
      const series = contestants.map(({ name }) => ({ name, rounds: /** @type {any[]} */ ([]) }));
      const memory = contestants.map(() => 0);
      for (let round = 0; round <= rounds; round += 1) {
        for (const [index, { name, tokensFile }] of contestants.entries()) {
          progress(round === 0 ? `warming up: ${name}` : `round ${round} of ${rounds}: ${name}`);
          const figures = await measure(target, { idsFile: data.idsFile, seconds, seed: round, tokensFile });
          server.emptyLog();
          memory[index] = memoryOf(target.pid)?.own ?? 0;
          // The first round proves the tokens and compiles the code.
          if (round > 0) series[index]?.rounds.push(figures);
        }
      }
      printTitle(`One referral by id, ${connections} connections; median of ${rounds} rounds of ${seconds} s`);
      const [one, many] = series;
      if (one === undefined || many === undefined) throw new Error('there are always two');
      printSeries([one, many]);
      print();
      const megabytes = memory.map((bytes) => (bytes / 1024 / 1024).toFixed(0));
      print(
        `memory of the server at the end: ${megabytes[0]} MiB after one token, ${megabytes[1]} MiB after ${tokens}`,
      );
      const share = median(ratiosOf(many, one));
      const text = `at least ${leastShare} of one token`;
      printAims([{ text, measured: share.toFixed(3), isMet: share >= leastShare }]);
    } finally {
      await server.stop();
    }
  } finally {
    issuer.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts a provider whose tokens differ in their `jti`: the built-in issuer makes one and the same within a second. */
async function startIssuer() {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256', use: 'sig' }];
  const server = createServer((request, response) => {
    const isKeys = request.url === '/keys';
    response.end(JSON.stringify(isKeys ? { keys } : { issuer: origin, jwks_uri: `${origin}/keys` }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  return {
    setting: JSON.stringify([{ issuer: origin, audiences: [audience], tenants: [user.tid] }]),
    /** @param {number} count one line each */
    async sign(count) {
      const lines = [];
      for (let jti = 0; jti < count; jti += 1) {
        const claims = { ...user, iss: origin, aud: audience, scp: 'user_impersonation', jti: String(jti) };
        const token = new SignJWT(claims).setExpirationTime('12h').setProtectedHeader({ alg: 'ES256', kid: 'bench' });
        lines.push(await token.sign(privateKey));
      }
      return `${lines.join('\n')}\n`;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
