import { isMarketplaceLead, positionOf, readReferral } from '@cosell/model';
import { type Directory, type ImportOutcome, type Operations, StartupProblem } from '@cosell/server';
import type { Command } from 'commander';
import { beginsLikeArchive } from './archive-steps.ts';
import { readCaptures } from './capture-file.ts';
import type { Captured } from './captured.ts';
import type { Environment } from './environment.ts';
import { readFileName } from './file-name.ts';
import { importArchive } from './import-archive.ts';
import { type InputFile, openInput } from './input-file.ts';
import { progressBar } from './progress.ts';
import { count } from './sweep.ts';
import { withOperations } from './with-operations.ts';

/** Referrals that are handed over at a time. */
const largestBatch = 1_000;
/** UTF-16 units of a batch, so that large referrals come in small ones. */
const largestBatchText = 4 * 1024 * 1024;
/** Faults that are printed; the rest is counted. */
const mostShown = 50;
/** Organisations whose first steps are printed. */
const mostOrganizations = 3;

/** `cosell import <file>` */
export function addImport(program: Command, environment: Environment): void {
  program
    .command('import')
    .description(
      'load referrals captured from the real API (documents, arrays, list answers or NDJSON), or a whole exchange that export wrote; - for standard input',
    )
    .argument('<file>', '', readFileName)
    .option('--skip-invalid', 'load the rest of a file that has faults')
    .option('--live', 'close those that nobody has answered when they expire; else they stay as captured')
    .action(async (name: string, { skipInvalid = false, live = false }: { skipInvalid?: boolean; live?: boolean }) => {
      const file = await openInput(name, process.stdin);
      try {
        if (await beginsLikeArchive(file)) {
          if (skipInvalid || live) {
            throw new StartupProblem(
              `${name} is an archive, and --skip-invalid and --live are for captured referrals.`,
            );
          }
          return await importArchive(file, environment);
        }
        const check = await checkFile(file, name);
        if (check.faults > 0 && !skipInvalid) {
          const among = `${count(check.faults, 'fault')} among ${count(check.referrals, 'referral')}`;
          throw new StartupProblem(
            `Nothing was loaded: there ${check.faults === 1 ? 'is' : 'are'} ${among}. Mend the file, or give --skip-invalid to load the rest.`,
          );
        }
        if (check.referrals === 0) throw new StartupProblem(`Nothing was loaded: ${name} holds no referral.`);
        await withOperations(environment, 'import', async (operations) => {
          const load = await loadFile(file, operations, live);
          process.stdout.write(report(load, check, await operations.listDirectory({})));
        });
      } finally {
        await file.close();
      }
    });
}

interface Check {
  readonly referrals: number;
  readonly faults: number;
  readonly marketplaceLeads: number;
  /** Ids of the organisations that own the referrals. */
  readonly organizations: ReadonlySet<string>;
}

interface FaultInFile {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** Reads the whole file before anything is loaded, and prints every fault with its place and pointer. */
async function checkFile(file: InputFile, name: string): Promise<Check> {
  let referrals = 0;
  let faults = 0;
  let marketplaceLeads = 0;
  const organizations = new Set<string>();
  const bar = progressBar('Checking', file.size, process.stderr);
  try {
    await readCaptures(
      file,
      (captured) => {
        if ('text' in captured) referrals += 1;
        const found = readCaptured(captured);
        if ('referral' in found) {
          organizations.add(found.referral.organizationId);
          if (isMarketplaceLead(found.referral)) marketplaceLeads += 1;
          return;
        }
        for (const { line, column, text } of found.faults.slice(0, Math.max(mostShown - faults, 0))) {
          bar.say(`${name}:${line}:${column}: ${text}`);
        }
        faults += found.faults.length;
      },
      bar.show,
    );
  } finally {
    bar.end();
  }
  if (faults > mostShown) process.stderr.write(`… and ${count(faults - mostShown, 'more fault')}.\n`);
  return { referrals, faults, marketplaceLeads, organizations };
}

function readCaptured(captured: Captured) {
  if ('message' in captured) return { faults: [{ ...captured, text: captured.message }] };
  const { text, line, column } = captured;
  const reading = readReferral(text);
  if ('referral' in reading) return reading;
  const faults = reading.faults.map(({ pointer, message, code, offset }): FaultInFile => {
    const place = positionOf(text, offset);
    return {
      line: line + place.line - 1,
      column: place.line === 1 ? column + place.column - 1 : place.column,
      text: `${pointer === '' ? '' : `${pointer}: `}${message} (${code})`,
    };
  });
  return { faults };
}

type Load = ReadonlyMap<ImportOutcome, number>;

async function loadFile(file: InputFile, operations: Operations, isLive: boolean): Promise<Load> {
  const load = new Map<ImportOutcome, number>();
  const bar = progressBar('Loading ', file.size, process.stderr);
  let batch: string[] = [];
  let size = 0;
  let loading: Promise<void> = Promise.resolve();
  const send = async (texts: readonly string[]) => {
    const { outcomes } = await operations.importReferrals({ texts, isLive });
    for (const outcome of outcomes) load.set(outcome, (load.get(outcome) ?? 0) + 1);
  };
  // One batch is under way while the next one is read; what goes wrong is told by whoever waits for it.
  const flush = async () => {
    await loading;
    if (batch.length > 0) loading = send(batch);
    loading.catch(() => undefined);
    batch = [];
    size = 0;
  };
  try {
    await readCaptures(
      file,
      async (captured) => {
        if (!('text' in captured)) return;
        if (size + captured.text.length > largestBatchText) await flush();
        batch.push(captured.text);
        size += captured.text.length;
        if (batch.length >= largestBatch) await flush();
      },
      bar.show,
    );
    await flush();
    await loading;
  } catch (error) {
    if (load.size > 0) bar.say('The import was broken off. Give the same command again, and it goes on.');
    throw error;
  } finally {
    bar.end();
  }
  return load;
}

const outcomeTexts: readonly (readonly [ImportOutcome, string])[] = [
  ['added', 'added'],
  ['replaced', 'replaced by a newer capture'],
  ['unchanged', 'already there'],
  ['newerKept', 'kept as stored, which is newer'],
  ['otherEngagement', 'kept as stored, in another engagement than the capture says'],
  ['invalid', 'left out'],
];

function report(load: Load, { marketplaceLeads, organizations }: Check, directory: Directory): string {
  const lines = outcomeTexts.flatMap(([outcome, text]) => {
    const number = load.get(outcome);
    return number === undefined ? [] : [`${count(number, 'referral')} ${text}.`];
  });
  if (marketplaceLeads > 0) {
    lines.push(`${count(marketplaceLeads, 'marketplace lead')} among them: kept, not served.`);
  }
  const withoutUsers = directory.organizations.filter(
    ({ id }) => organizations.has(id) && !directory.users.some(({ organizationId }) => organizationId === id),
  );
  for (const { id, name } of withoutUsers.slice(0, mostOrganizations)) lines.push(...firstSteps(id, name));
  const rest = withoutUsers.length - mostOrganizations;
  if (rest > 0) {
    lines.push(`${count(rest, 'more organisation')} of the file ${rest === 1 ? 'has' : 'have'} no user either.`);
  }
  return `${lines.join('\n')}\n`;
}

function firstSteps(id: string, name: string): string[] {
  // A name of the directory is text on one line; an imported one may be anything.
  const shown = name.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim() || id;
  return [
    `The directory has no user of ${shown} yet. Let somebody in with:`,
    `  npx --no cosell directory add organization ${id} --name ${shellQuoted(shown)}`,
    `  npx --no cosell directory add user <name> --organization ${id} --email <address>`,
    '  npx --no cosell directory add role "Referral Admin" --user <name>',
    '  npx --no cosell token --user <name>',
  ];
}

/** The name comes from a file, and the line is made to be pasted into a shell. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
