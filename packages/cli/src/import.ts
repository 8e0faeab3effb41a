import { isMarketplaceLead, positionOf, readReferral } from '@cosell/model';
import { type ImportOutcome, type Operations, StartupProblem } from '@cosell/server';
import type { Command } from 'commander';
import { type CaptureFile, openCapture } from './capture-file.ts';
import type { CapturedRecord } from './captured-records.ts';
import type { Environment } from './program.ts';
import { progressBar } from './progress.ts';
import { withOperations } from './with-operations.ts';

/** Referrals in one transaction of the server: enough to share a commit, few enough to leave room for others. */
const batchSize = 100;
/** Faults that are printed; the rest is counted. */
const mostShown = 50;

/** `cosell import <file>` */
export function addImport(program: Command, environment: Environment): void {
  program
    .command('import <file>')
    .description(
      'load referrals captured from the real API: a document, an array, a list answer or NDJSON; - for standard input',
    )
    .option('--skip-invalid', 'load the rest of a file that has faults')
    .action(async (name: string, { skipInvalid = false }: { skipInvalid?: boolean }) => {
      const file = await openCapture(name, process.stdin);
      try {
        const check = await checkFile(file, name);
        if (check.faulty > 0 && !skipInvalid) {
          throw new StartupProblem(
            `Nothing was loaded: ${count(check.faulty, 'referral')} of ${check.total} cannot be read. Mend the file, or give --skip-invalid to load the rest.`,
          );
        }
        if (check.total === 0) throw new StartupProblem(`Nothing was loaded: ${name} holds no referral.`);
        await withOperations(environment, 'import', async (operations) => {
          process.stdout.write(report(await loadFile(file, operations), check));
        });
      } finally {
        file.close();
      }
    });
}

interface Check {
  readonly total: number;
  readonly faulty: number;
  readonly marketplaceLeads: number;
}

/** Reads the whole file before anything is loaded, and prints every fault with its line and pointer. */
async function checkFile(file: CaptureFile, name: string): Promise<Check> {
  let total = 0;
  let faulty = 0;
  let shown = 0;
  let marketplaceLeads = 0;
  const bar = progressBar('Checking', file.size, process.stderr);
  await file.read((record) => {
    total += 1;
    const reading = readReferral(record.text);
    if ('referral' in reading) {
      if (isMarketplaceLead(reading.referral)) marketplaceLeads += 1;
      return;
    }
    faulty += 1;
    for (const fault of reading.faults) {
      shown += 1;
      if (shown > mostShown) continue;
      const line = record.line + positionOf(record.text, fault.offset).line - 1;
      process.stderr.write(`${name}:${line}: ${fault.pointer || '/'}: ${fault.message} (${fault.code})\n`);
    }
  }, bar.show);
  bar.end();
  if (shown > mostShown) process.stderr.write(`… and ${count(shown - mostShown, 'more fault')}.\n`);
  return { total, faulty, marketplaceLeads };
}

interface Load {
  readonly outcomes: Map<ImportOutcome, number>;
  readonly organizations: Map<string, string>;
}

async function loadFile(file: CaptureFile, operations: Operations): Promise<Load> {
  const load: Load = { outcomes: new Map(), organizations: new Map() };
  const bar = progressBar('Loading ', file.size, process.stderr);
  let batch: string[] = [];
  const flush = async () => {
    if (batch.length === 0) return;
    const { outcomes, newOrganizations } = await operations.importReferrals({ texts: batch });
    batch = [];
    for (const outcome of outcomes) load.outcomes.set(outcome, (load.outcomes.get(outcome) ?? 0) + 1);
    for (const { id, name } of newOrganizations) load.organizations.set(id, name);
  };
  await file.read(async (record: CapturedRecord) => {
    batch.push(record.text);
    if (batch.length >= batchSize) await flush();
  }, bar.show);
  await flush();
  bar.end();
  return load;
}

const outcomeTexts: readonly (readonly [ImportOutcome, string])[] = [
  ['added', 'added'],
  ['replaced', 'replaced by a newer capture'],
  ['unchanged', 'already there'],
  ['newerKept', 'kept as stored, which is newer'],
  ['invalid', 'left out'],
];

function report({ outcomes, organizations }: Load, { marketplaceLeads }: Check): string {
  const lines = outcomeTexts.flatMap(([outcome, text]) => {
    const number = outcomes.get(outcome);
    return number === undefined ? [] : [`${count(number, 'referral')} ${text}.`];
  });
  if (marketplaceLeads > 0) {
    lines.push(`${count(marketplaceLeads, 'marketplace lead')} among them: kept, not served.`);
  }
  for (const [id, name] of organizations) {
    lines.push(
      `Organisation ${name} is new in the directory. Let somebody in with:`,
      `  npx --no cosell directory add organization ${id} --name "${name}"`,
      `  npx --no cosell directory add user <name> --organization ${id} --email <address>`,
      '  npx --no cosell directory add role "Referral Admin" --user <name>',
    );
  }
  return `${lines.join('\n')}\n`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
