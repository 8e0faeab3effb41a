/** Plays rounds of `kill -9` under write load: the tests of `test/crash`, as many and for as long as one likes. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const help = `npm run crash -- [--store sqlite|postgres] [--rounds <number>] [--seed <number>]

Without options: 100 rounds on SQLite, then 20 on PostgreSQL, with a seed drawn by chance.`;

const { values } = parseArgs({
  options: {
    store: { type: 'string' },
    rounds: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const isNumber = (/** @type {string | undefined} */ text) => text === undefined || /^\d+$/.test(text);
const stores = values.store === undefined ? ['sqlite', 'postgres'] : [values.store];
const isKnown = stores.every((store) => store === 'sqlite' || store === 'postgres');
if (values.help || !isKnown || !isNumber(values.rounds) || !isNumber(values.seed)) {
  console.log(help);
  process.exit(values.help ? 0 : 1);
}

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
for (const store of stores) {
  const rounds = values.rounds ?? (store === 'sqlite' ? '100' : '20');
  const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/crash/crash', '--disable-console-intercept'], {
    stdio: 'inherit',
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: {
      ...process.env,
      CRASH_STORE: store,
      CRASH_ROUNDS: rounds,
      ...(values.seed === undefined ? {} : { CRASH_SEED: values.seed }),
    },
  });
  if (status !== 0) process.exitCode = 1;
}
