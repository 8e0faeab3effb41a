import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { get } from './one-request.js';
import { environmentWith, freePort, run, startProcess, stopProcess, waitUntil } from './processes.js';
import { progress } from './report.js';

/** The project that SAP CAP serves. */
const project = fileURLToPath(new URL('./peers/cap/', import.meta.url));

/**
 * Starts SAP CAP over an SQLite file with the same referrals; installs it and fills the file where that has not been
 * done yet. Nobody has to sign in there.
 *
 * @param {import('./data-folder.js').Data} data
 */
export async function startCap({ folder, dataDir }) {
  await install();
  const databaseFile = join(folder, 'cap.db');
  await fill(databaseFile, dataDir, join(folder, `cap-filled-${fingerprint()}`));
  const port = await freePort();
  const logFile = join(folder, 'cap.log');
  const log = openSync(logFile, 'a');
  truncateSync(logFile);
  const child = startProcess(process.execPath, [join(project, 'node_modules/@sap/cds/bin/serve.js')], {
    cwd: project,
    env: environmentWith({ ...settingsFor(databaseFile), PORT: String(port), NODE_ENV: 'production' }),
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const origin = `http://127.0.0.1:${port}`;
  const pathBefore = '/odata/v4/referral/Referrals(';
  await waitUntil(child, async () => (await get(`${origin}/odata/v4/referral/`)).status === 200);
  return {
    target: { pid: child.pid ?? 0, origin, pathBefore, pathAfter: ')', headers: {} },
    emptyLog: () => truncateSync(logFile),
    stop: () => stopProcess(child),
  };
}

/** Changes with the model and with how its tables are filled. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const file of ['db/schema.cds', 'fill.js']) hash.update(readFileSync(join(project, file)));
  return hash.digest('hex').slice(0, 12);
}

async function install() {
  if (existsSync(join(project, 'node_modules/@cap-js/sqlite/package.json'))) return;
  progress('installing SAP CAP');
  await run('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund'], { cwd: project });
}

/**
 * @param {string} databaseFile
 * @param {string} dataDir
 * @param {string} filledMark
 */
async function fill(databaseFile, dataDir, filledMark) {
  if (existsSync(filledMark)) return;
  progress('filling the database of SAP CAP');
  for (const end of ['', '-wal', '-shm']) rmSync(databaseFile + end, { force: true });
  await run(process.execPath, [join(project, 'fill.js'), join(dataDir, 'cosell.db')], {
    cwd: project,
    env: environmentWith(settingsFor(databaseFile)),
  });
  writeFileSync(filledMark, '');
}

/** @param {string} databaseFile */
function settingsFor(databaseFile) {
  return { CDS_CONFIG: JSON.stringify({ requires: { db: { credentials: { url: databaseFile } } } }) };
}
