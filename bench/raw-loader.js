/** Rows without us: the bare minimum of an import. As a program of its own, it copies the rows of a database. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { run } from './processes.js';

const program = fileURLToPath(import.meta.url);

/** Referrals whose rows are held in memory at a time. */
const atOnce = 1_000;

/**
 * Inserts the rows that an import has made into an empty database of the same schema, in the order of the import and in
 * one transaction, through our own driver. Nothing is read, checked or put together, and nobody else waits.
 *
 * @param {string} root of the checkout, built
 * @param {string} source the database of the import
 * @param {string} folder for the copy, on the same disk
 * @returns {Promise<number>} seconds
 */
export async function copyRaw(root, source, folder) {
  const target = join(folder, 'raw.db');
  try {
    return Number(await run(process.execPath, [program, root, source, target]));
  } finally {
    for (const end of ['', '-wal', '-shm']) rmSync(target + end, { force: true });
  }
}

/** @param {readonly string[]} args */
async function copyRows([root = '', source = '', target = '']) {
  const module = (/** @type {string} */ path) =>
    import(pathToFileURL(join(root, 'packages/server/dist/store', path)).href);
  const { SqliteDatabase } = await module('sqlite/driver.js');
  const { migrateSqlite } = await module('sqlite/migrate-sqlite.js');
  const { loadMigrations } = await module('migrate.js');
  const from = new SqliteDatabase(source, { readOnly: true });
  const to = new SqliteDatabase(target);
  to.exec('pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -16000');
  migrateSqlite(to, loadMigrations('sqlite'), new Date().toISOString());
  const children = ['referral_team_members', 'referral_customer_contacts', 'referral_solutions', 'referral_search'];
  const tables = [
    // Tables with row numbers go by these; the others by those of the document or the view that they belong to.
    ...['referral_documents', 'referral_views', 'changes'].map(numbered),
    beside('referral_documents', 'referrals', 't.id = d.id'),
    beside('referral_documents', 'engagement_members', 't.engagement_id = d.engagement_id and t.referral_id = d.id'),
    ...children.map((table) => beside('referral_documents', table, 't.referral_id = d.id')),
    ...children.map((table) => beside('referral_views', table, 't.referral_id = d.id')),
  ].map(({ table, select }) => {
    const columns = Object.keys(from.prepare(`select * from ${table} limit 1`).get() ?? {});
    const insert = `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`;
    return {
      select: from.prepare(select).returningArrays(),
      insert: columns.length > 0 ? to.prepare(insert) : undefined,
    };
  });
  const last = Math.max(...lastNumbers(from));
  let seconds = 0;
  to.exec('begin');
  for (let after = 0; after < last; after += atOnce) {
    const rows = tables.map(({ select }) => /** @type {never[][]} */ (select.all(after, after + atOnce)));
    const startedAt = performance.now();
    for (const [index, { insert }] of tables.entries()) for (const row of rows[index] ?? []) insert?.run(...row);
    seconds += (performance.now() - startedAt) / 1_000;
  }
  const startedAt = performance.now();
  to.exec('commit');
  seconds += (performance.now() - startedAt) / 1_000;
  to.close();
  from.close();
  process.stdout.write(String(seconds));
}

/** @param {string} table */
function numbered(table) {
  return { table, select: `select * from ${table} where rowid > ? and rowid <= ?` };
}

/**
 * @param {string} owner
 * @param {string} table
 * @param {string} key
 */
function beside(owner, table, key) {
  const same = `t.organization_id = d.organization_id and ${key}`;
  return { table, select: `select t.* from ${owner} d join ${table} t on ${same} where d.rowid > ? and d.rowid <= ?` };
}

/** @param {{ number: (sql: string) => number }} database */
function lastNumbers(database) {
  const tables = ['referral_documents', 'referral_views', 'changes'];
  return tables.map((table) => database.number(`select coalesce(max(rowid), 0) from ${table}`));
}

if (process.argv[1] === program) await copyRows(process.argv.slice(2));
