import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type ChainHead, ChainReader, type Operations, StartupProblem, type StoredAct } from '@cosell/server';
import { type Command, InvalidArgumentError } from 'commander';
import type { Environment } from './environment.ts';
import { readFileName } from './file-name.ts';
import { newFile, type Output, standardOutput } from './new-file.ts';
import { withOperationsOnExisting } from './with-operations.ts';

/** Records that one call of the exchange gives. */
const page = 1_000;

/** What the records are chosen by. */
interface Choice {
  readonly about?: string;
  readonly kind?: string;
  readonly actor?: string;
  readonly from?: string;
  readonly to?: string;
}

/** `cosell audit list`, `cosell audit export`, `cosell audit verify` and `cosell acts` */
export function addAudit(program: Command, environment: Environment): void {
  const audit = program.command('audit').description('what was done and refused: list, export, verify');
  const list = (choice: Choice) =>
    withOperationsOnExisting(environment, 'audit', (operations) => listRecords(operations, choice));
  audit
    .command('list')
    .description('print the records, the oldest first')
    .option('--about <e-mail or id>', 'only what was done to this person or referral')
    .option('--kind <kind>', 'only records of this kind, such as refused')
    .option('--actor <subject>', 'only what this subject of tokens did')
    .option('--from <date>', 'only from this date on, such as 2026-11-30 or 2026-11-30T08:00:00Z', readInstant)
    .option('--to <date>', 'only before this date', readInstant)
    .action(list);
  audit
    .command('export <file>')
    .description('write all records with their hashes, one JSON object a line; - for standard output')
    .action((name: string) =>
      withOperationsOnExisting(environment, 'audit', (operations) => exportRecords(operations, readFileName(name))),
    );
  audit
    .command('verify')
    .description('check that no record was changed, removed, moved or cut off')
    .option('--file <export>', 'check what export wrote, and not the exchange', readFileName)
    .option('--head <sequence:hash>', 'a head from the log that has to be there still; may be repeated', readHead, [])
    .action(({ file, head }: { file?: string; head: ChainHead[] }) => {
      if (file !== undefined) return verify(readExport(file), head);
      return withOperationsOnExisting(environment, 'audit', (operations) => verify(readAll(operations), head));
    });
  program
    .command('acts')
    .description('the same as audit list')
    .option('--about <e-mail or id>', 'only what was done to this person or referral')
    .action(list);
}

async function listRecords(operations: Operations, choice: Choice): Promise<void> {
  let isEmpty = true;
  for await (const act of readAll(operations, choice)) {
    const { sequence, occurredAt, kind, details } = act;
    isEmpty = false;
    process.stdout.write(`${sequence}  ${occurredAt.slice(0, 19)}Z  ${kind}  ${details}\n`);
  }
  if (isEmpty) process.stdout.write('Nothing is recorded.\n');
}

async function exportRecords(operations: Operations, name: string): Promise<void> {
  const output: Output = name === '-' ? standardOutput() : await newFile(name);
  try {
    // That it was taken out is in what is taken out.
    await operations.recordExport({ what: 'audit' });
    let records = 0;
    for await (const act of readAll(operations)) {
      await output.write(`${JSON.stringify(act)}\n`);
      records += 1;
    }
    await output.finish();
    process.stderr.write(`Wrote ${records} records to ${name === '-' ? 'standard output' : name}.\n`);
  } catch (error) {
    await output.abandon();
    throw error;
  }
}

async function verify(records: AsyncIterable<StoredAct>, heads: readonly ChainHead[]): Promise<void> {
  const reader = new ChainReader(heads);
  for await (const act of records) {
    const fault = reader.read(act);
    if (fault !== undefined) throw unfit(fault);
  }
  const missing = reader.end();
  if (missing !== undefined) throw unfit(missing);
  const { sequence, hash } = reader.head;
  const old = reader.unhashed === 0 ? '' : ` The first ${reader.unhashed} are from before there were hashes.`;
  process.stdout.write(`${sequence} records, and each fits the one before it.${old}\n`);
  if (sequence > 0) process.stdout.write(`Head: ${sequence}:${hash}\n`);
}

function unfit({ sequence, reason }: { sequence: number; reason: string }): StartupProblem {
  return new StartupProblem(`The audit was tampered with. Record ${sequence}: ${reason}.`);
}

async function* readAll(operations: Operations, choice: Choice = {}): AsyncGenerator<StoredAct> {
  let behind: number | undefined;
  for (;;) {
    const acts = await operations.listActs({ ...choice, isNewestFirst: false, behind, most: page });
    yield* acts;
    behind = acts.at(-1)?.sequence;
    if (behind === undefined || acts.length < page) return;
  }
}

async function* readExport(name: string): AsyncGenerator<StoredAct> {
  const input = name === '-' ? process.stdin : createReadStream(name);
  // A file that cannot be read is told by whoever reads its lines.
  const failed = new Promise<never>((_resolve, reject) => input.once('error', reject));
  failed.catch(() => undefined);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  let number = 0;
  for (;;) {
    const line = await Promise.race([lines.next(), failed]).catch((error: Error) => {
      throw new StartupProblem(`${name} cannot be read: ${error.message}.`, { cause: error });
    });
    if (line.done === true) return;
    number += 1;
    if (line.value.trim() === '') continue;
    yield readRecord(line.value, `${name}:${number}`);
  }
}

const texts = ['occurredAt', 'kind', 'actedBy', 'details', 'hash'] as const;
const orNull = ['organizationId', 'actor', 'via', 'requestId', 'subjectHash'] as const;

function readRecord(line: string, place: string): StoredAct {
  let value: Partial<Record<string, unknown>> | null;
  try {
    value = JSON.parse(line) as typeof value;
  } catch {
    throw new StartupProblem(`${place}: This is no JSON.`);
  }
  const isRecord =
    typeof value?.sequence === 'number' &&
    texts.every((name) => typeof value?.[name] === 'string') &&
    orNull.every((name) => value?.[name] === null || typeof value?.[name] === 'string');
  if (!isRecord) throw new StartupProblem(`${place}: This is no record of an audit, as audit export writes it.`);
  // Each member has just been looked at.
  return value as unknown as StoredAct;
}

function readHead(text: string, heads: ChainHead[]): ChainHead[] {
  const match = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(text.trim());
  if (match === null) throw new InvalidArgumentError('It has the form <sequence>:<hash>, as the log has it.');
  return [...heads, { sequence: Number(match[1]), hash: String(match[2]).toLowerCase() }];
}

/** The instant in the text that is stored: 28 characters, so that text compares as time does. */
function readInstant(text: string): string {
  const ms = Date.parse(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(ms)) {
    throw new InvalidArgumentError('Write it as 2026-11-30 or 2026-11-30T08:00:00Z.');
  }
  return new Date(ms).toISOString().replace('Z', '0000Z');
}
