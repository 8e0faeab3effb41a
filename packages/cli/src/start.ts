import { resolve } from 'node:path';
import { createLog, documentedReferralId, readConfig, sampleAdmin, startServer, surroundings } from '@cosell/server';
import type { Command } from 'commander';
import type { Environment } from './environment.ts';

type Running = Awaited<ReturnType<typeof startServer>>;

/** `cosell start` */
export function addStart(program: Command, environment: Environment): void {
  program
    .command('start')
    .description('start the exchange; settings are environment variables, see npx --no cosell help')
    .option('--workers <N>', 'processes that answer requests; the same as WORKERS')
    .option('--tls', 'speak HTTPS, with a certificate made on this machine; the same as TLS=local')
    .action(async ({ workers, tls: isTls }: { workers?: string; tls?: boolean }) => {
      const config = readConfig({
        ...environment,
        ...(workers !== undefined && { WORKERS: workers }),
        ...(isTls === true && { TLS: 'local' }),
      });
      const ended = untilSignal();
      const log = createLog(config.logLevel, surroundings.clock, config.workers > 1);
      const server = await startServer(config, surroundings, log.observe);
      process.stdout.write(await greeting(server, config.databaseUrl === undefined ? config.dataDir : 'PostgreSQL'));
      log.observe({ kind: 'serverStopped', signal: await ended });
      await server.stop();
      await log.flush();
    });
}

/** Signals that end the server in order. */
const signals = ['SIGINT', 'SIGTERM'] as const;
/** npm passes Ctrl+C on to a process that the terminal has told already: what comes so soon is the same one. */
const sameSignalMs = 1_000;
/** Within this time after a signal the process has ended, whatever it waits for. */
const endWithinMs = 9_500;

/**
 * Waits for a signal to end, from now on: one that comes while the server starts ends it in order, too. A further one
 * ends the process at once.
 */
async function untilSignal(): Promise<string> {
  const signal = await new Promise<string>((resolve) => {
    for (const name of signals) process.on(name, resolve);
  });
  setTimeout(() => {
    for (const name of signals) process.removeAllListeners(name);
  }, sameSignalMs).unref();
  setTimeout(() => {
    process.stderr.write('The server did not stop in time and ends now. What was acknowledged is stored.\n');
    process.exit(1);
  }, endWithinMs).unref();
  return signal;
}

/** What a newcomer reads: the address, a request that works as it stands, how to get a token, how to stop. */
async function greeting(server: Running, place: string): Promise<string> {
  const { origin, hasSample, isKnown, isSandbox, operations, trustFile, samplePassword } = server;
  const api = `${origin}/v1.0/engagements/referrals`;
  const state = isKnown ? `Found the data of an earlier start in ${place}` : `Started with new data in ${place}`;
  const token = hasSample ? (await operations.mintToken({ user: sampleAdmin })).token : undefined;
  const curl = trustFile === undefined ? 'curl' : `curl --cacert ${trustFile}`;
  const request =
    token === undefined
      ? `${curl} -H "Authorization: Bearer <token>" ${api}/<id>`
      : `${curl} -H "Authorization: Bearer ${token}" ${api}/${documentedReferralId}`;
  const user = hasSample ? sampleAdmin : '<name>';
  return [
    `The Referrals API answers at ${api}`,
    '',
    hasSample ? 'Ask it for the documented example (the token is good for an hour):' : 'Ask it for a referral:',
    `  ${request}`,
    '',
    `Get another token:  npx --no cosell token --user ${user}`,
    ...(samplePassword === undefined
      ? []
      : [`Sign in as ${user} or another sample user: the password of this folder is ${samplePassword} (shown once)`]),
    ...(isSandbox
      ? ['Play the other side: npx --no cosell play --fresh <scenario.yaml>, or /_sandbox (docs/sandbox.md)']
      : []),
    ...(trustFile === undefined
      ? []
      : [
          'The certificate was made on this machine, so a client has to be told to trust it (docs/tls.md). Node and MSAL:',
          `  export NODE_EXTRA_CA_CERTS=${resolve(trustFile)}`,
        ]),
    'Stop the server:    press Ctrl+C',
    '',
    `${state} (schema ${server.schemaNumber}).${hasSample ? ' It holds the sample exchange.' : ''}${isSandbox ? ' It is a sandbox (SANDBOX).' : ''}`,
    ...(hasSample
      ? []
      : ['Add people with: npx --no cosell directory add --help; load referrals with: npx --no cosell import <file>']),
    '',
  ].join('\n');
}
