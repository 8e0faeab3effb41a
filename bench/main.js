/** The entry of the bench: reads the command line, measures, prints. */
import { compareById } from './by-id.js';
import { measureGrowth } from './growth.js';
import { measureHeavy } from './heavy.js';
import { compareLists } from './list.js';
import { measureLoad } from './load.js';
import { requireWrk } from './load-generator.js';
import { Refusal, readOptions, usage } from './options.js';
import { compareParsers } from './parse.js';
import { compareOnPostgres } from './postgres-by-id.js';
import { stopEverything } from './processes.js';
import { compareSignIns } from './sign-in.js';
import { measureStart } from './start.js';
import { compareTokens } from './tokens.js';
import { measureWrites } from './write.js';

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.showsHelp) {
    process.stdout.write(usage);
    return;
  }
  if (options.what === 'load') return await measureLoad(options);
  if (options.what === 'parse') return await compareParsers(options);
  if (options.what === 'sign-in') return await compareSignIns(options);
  await requireWrk();
  if (options.what === 'write') return await measureWrites(options);
  if (options.what === 'heavy') return await measureHeavy(options);
  if (options.what === 'list') return await compareLists(options);
  if (options.store === 'postgres') return await compareOnPostgres(options);
  if (options.tokens > 0) return await compareTokens(options);
  if (options.measuresStart) await measureStart(options);
  if (options.measuresGrowth) await measureGrowth(options);
  if (!options.measuresStart && !options.measuresGrowth) await compareById(options);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
process.once('exit', stopEverything);

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Refusal ? error.message : error instanceof Error ? error.stack : error}\n`);
  process.exitCode = 1;
}
