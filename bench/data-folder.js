import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Refusal } from './options.js';
import { commandOf, startOurServer } from './our-server.js';
import { environmentWith, run } from './processes.js';
import { progress } from './report.js';
import { sampleFile, writeSampleData } from './sample-data.js';

/** Where loaded data is kept between runs. */
export const workFolder = fileURLToPath(new URL('./.work/', import.meta.url));

/**
 * A data folder that holds a number of referrals of Contoso.
 *
 * @typedef {object} Data
 * @property {string} folder what belongs to this data; others may keep files of their own here
 * @property {string} dataDir
 * @property {string} idsFile one id a line
 * @property {string} openIdsFile the ids of those that are not closed
 */

/**
 * Gives the data folder with so many referrals, loading it where it is not there yet. One server at a time may use it.
 *
 * @param {string} root of the checkout that loads it
 * @param {number} referrals
 * @param {{ isFresh: boolean, mark?: string }} how `mark` keeps the folders of two checkouts apart
 * @returns {Promise<Data>}
 */
export async function openData(root, referrals, { isFresh, mark = 'current' }) {
  const folder = join(workFolder, `${mark}-${referrals}-${fingerprintOf(root)}`);
  const idsFile = join(folder, 'ids.txt');
  const data = { folder, dataDir: join(folder, 'data'), idsFile, openIdsFile: join(folder, 'open-ids.txt') };
  const loadedMark = join(folder, 'loaded');
  if (isFresh || !existsSync(loadedMark)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await load(root, referrals, data);
    writeFileSync(loadedMark, '');
  }
  return data;
}

/**
 * A file of so many captured referrals, made where it is not there yet.
 *
 * @param {string} root of the checkout whose sample they are made from
 * @param {number} referrals
 * @param {boolean} isFresh
 */
export async function captureFile(root, referrals, isFresh) {
  const folder = join(workFolder, `captures-${referrals}-${fingerprintOf(root)}`);
  const file = join(folder, 'referrals.ndjson');
  if (!isFresh && existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  progress(`making ${referrals} referrals`);
  const made = join(folder, 'made.ndjson');
  await writeSampleData(root, referrals, {
    referralsFile: made,
    idsFile: join(folder, 'ids.txt'),
    openIdsFile: join(folder, 'open-ids.txt'),
  });
  // A file that was not made to its end has another name.
  renameSync(made, file);
  return file;
}

/**
 * Copies a data folder for whoever writes to it, so that the next run finds the first one as it was. It is taken away
 * afterwards.
 *
 * @param {Data} data
 * @param {(copy: { dataDir: string, folder: string }) => Promise<void>} work
 */
export async function withCopy({ dataDir, folder }, work) {
  const own = mkdtempSync(join(folder, 'copy-'));
  try {
    const copy = join(own, 'data');
    cpSync(dataDir, copy, { recursive: true });
    await work({ dataDir: copy, folder: own });
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/**
 * Changes with the schema, with the sample and with how data is made from it: then what was loaded is of no use.
 *
 * @param {string} root
 */
function fingerprintOf(root) {
  const hash = createHash('sha256');
  const migrations = join(root, 'packages/server/migrations');
  for (const name of readdirSync(migrations).sort()) hash.update(readFileSync(join(migrations, name)));
  hash.update(readFileSync(join(root, sampleFile)));
  hash.update(readFileSync(new URL('./sample-data.js', import.meta.url)));
  return hash.digest('hex').slice(0, 12);
}

/**
 * @param {string} root
 * @param {number} referrals
 * @param {Data} data
 */
async function load(root, referrals, { folder, dataDir, idsFile, openIdsFile }) {
  progress(`making ${referrals} referrals`);
  const referralsFile = join(folder, 'referrals.ndjson');
  await writeSampleData(root, referrals, { referralsFile, idsFile, openIdsFile });
  // The first start loads the sample exchange, with its directory; the import adds to it.
  await (await startOurServer(root, dataDir)).stop();
  progress(`loading ${referrals} referrals`);
  const startedAt = performance.now();
  const report = await run(process.execPath, [commandOf(root), 'import', referralsFile], {
    env: environmentWith({ DATA_DIR: dataDir }),
  });
  if (!report.includes(`${referrals} referrals added.`)) throw new Refusal(`The import went wrong:\n${report}`);
  progress(`loaded, ${Math.round((referrals * 1_000) / (performance.now() - startedAt))} a second`);
  rmSync(referralsFile);
}
