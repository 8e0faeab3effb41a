/** How long moving house takes: `node bench/move.js 20000`, after a build. Prints a table in Markdown. */

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './checkout.js';
import { openData } from './data-folder.js';
import { commandOf } from './our-server.js';
import { withPostgres } from './postgres-server.js';
import { memoryOf } from './process-figures.js';
import { environmentWith, startProcess, stopEverything } from './processes.js';

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
process.once('exit', stopEverything);

/**
 * Runs a command of ours to its end and prints a row of the table.
 *
 * @param {string} title
 * @param {string[]} args
 * @param {Record<string, string>} settings
 * @param {number} rows of the exchange; 0 where only the command can tell
 * @returns {Promise<number>} how many rows it says
 */
async function step(title, args, settings, rows = 0) {
  const startedAt = performance.now();
  const child = startProcess(process.execPath, [commandOf(root), ...args], { env: environmentWith(settings) });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (said += text));
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, memoryOf(child.pid ?? 0)?.own ?? 0)), 50);
  const [code] = await once(child, 'close');
  clearInterval(timer);
  if (code !== 0) throw new Error(said);
  const seconds = (performance.now() - startedAt) / 1_000;
  const moved = rows || Number(/Wrote (\d+) rows/.exec(said)?.[1]);
  process.stdout.write(
    `| ${title} | ${seconds.toFixed(1)} | ${Math.round(moved / seconds)} | ${Math.round(most / 2 ** 20)} MiB |\n`,
  );
  return moved;
}

const { folder, dataDir } = await openData(root, Number(process.argv[2] ?? 20_000), { isFresh: false });
const own = mkdtempSync(join(folder, 'move-'));
try {
  process.stdout.write('| | seconds | rows a second | memory of its own |\n|---|---|---|---|\n');
  const archive = join(own, 'sqlite.ndjson');
  const rows = await step('export from SQLite', ['export', archive], { DATA_DIR: dataDir });
  await withPostgres(async (databaseUrl) => {
    await step('import into PostgreSQL', ['import', archive], { DATABASE_URL: databaseUrl }, rows);
    await step('export from PostgreSQL', ['export', join(own, 'postgres.ndjson')], { DATABASE_URL: databaseUrl });
  });
  const target = { DATA_DIR: join(own, 'data') };
  await step('import into SQLite', ['import', archive], target, rows);
  await step('verify on SQLite', ['verify', archive], target, rows);
} finally {
  rmSync(own, { recursive: true, force: true });
}
