import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { get } from './one-request.js';
import { Refusal } from './options.js';
import { environmentWith, freePort, run, startProcess, stopProcess, waitUntil } from './processes.js';

/** Where one referral is, up to its id. */
export const referralPath = '/v1.0/engagements/referrals/';

/** A user of the sample exchange who may read everything that Contoso owns. */
const user = 'contoso-admin';

/**
 * The settings of a server; every command that is meant for its exchange gets the same.
 *
 * @typedef {{ DATA_DIR: string, PORT: string, DATABASE_URL?: string, WORKERS?: string, ISSUERS?: string }} Settings
 */

/**
 * Our server, running as an operator runs it: its log goes to a file, its metrics are on.
 *
 * @typedef {object} OurServer
 * @property {import('./load-generator.js').Target} target
 * @property {Settings} settings
 * @property {() => void} emptyLog
 * @property {() => Promise<void>} stop
 */

/**
 * The command of a checkout.
 *
 * @param {string} root
 */
export function commandOf(root) {
  return join(root, 'packages/cli/bin/cosell.js');
}

/**
 * Starts our server on a data folder, or on PostgreSQL, and waits until it answers.
 *
 * @param {string} root of the checkout, built
 * @param {string} dataDir with PostgreSQL, only the name of the log comes from it
 * @param {{ databaseUrl?: string, workers?: number, issuers?: string }} [how]
 * @returns {Promise<OurServer>}
 */
export async function startOurServer(root, dataDir, { databaseUrl, workers = 1, issuers } = {}) {
  const engine = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl };
  // An older commit does not know the setting and need not be told of one process.
  const processes = workers === 1 ? {} : { WORKERS: String(workers) };
  const settings = {
    DATA_DIR: dataDir,
    PORT: String(await freePort()),
    ...engine,
    ...processes,
    ...(issuers && { ISSUERS: issuers }),
  };
  const logFile = `${dataDir}.log`;
  const child = spawnOurServer(root, settings, logFile);
  const origin = `http://127.0.0.1:${settings.PORT}`;
  await waitUntil(child, async () => (await get(`${origin}/health/ready`)).status === 200).catch((error) => {
    throw new Refusal(`${error.message} The end of its log:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`);
  });
  const headers = { Authorization: `Bearer ${await mintToken(root, settings)}` };
  return {
    target: { pid: child.pid ?? 0, origin, pathBefore: referralPath, pathAfter: '', headers },
    settings,
    emptyLog: () => truncateSync(logFile),
    stop: () => stopProcess(child),
  };
}

/**
 * Starts our server and does not wait.
 *
 * @param {string} root
 * @param {Settings} settings
 * @param {string} logFile
 */
export function spawnOurServer(root, settings, logFile) {
  const log = openSync(logFile, 'a');
  truncateSync(logFile);
  try {
    return startProcess(process.execPath, [commandOf(root), 'start'], {
      env: environmentWith(settings),
      stdio: ['ignore', 'ignore', log],
    });
  } finally {
    closeSync(log);
  }
}

/**
 * A token for the exchange in a data folder, whether its server runs or not.
 *
 * @param {string} root
 * @param {Settings} settings
 * @param {string} [name] of a user
 */
export async function mintToken(root, settings, name = user) {
  return (await command(root, settings, ['token', '--user', name])).trim();
}

/**
 * Runs a command of ours on the exchange that the settings name, and gives what it printed.
 *
 * @param {string} root
 * @param {Settings} settings
 * @param {readonly string[]} args
 */
export function command(root, settings, args) {
  return run(process.execPath, [commandOf(root), ...args], { env: environmentWith(settings) });
}
