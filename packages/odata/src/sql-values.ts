import { operationNamed } from './operations.ts';
import type { Items, Predicate, Value } from './predicate.ts';
import { type FragmentWriter, itemAlias } from './sql-fragment.ts';

/** How conditions within values are written: by whoever writes the whole. */
export interface ConditionWriter {
  /** SQL that is true where the condition is. */
  writeTrue(writer: FragmentWriter, predicate: Predicate): FragmentWriter;
  /** SQL that is true, false or null as the condition is. */
  writeExact(writer: FragmentWriter, predicate: Predicate): FragmentWriter;
}

/** Writes a value as SQL: a column, a placeholder, or what an operation makes of them. */
export function writeValue(writer: FragmentWriter, value: Value, conditions: ConditionWriter): FragmentWriter {
  switch (value.kind) {
    case 'property':
      return writer.text(writer.lookup.column(value.property));
    case 'constant':
      return writer.typedValue(value.value, value.type);
    case 'count':
      return writeItems(writer, 'select count(*)', value, () => conditions.writeTrue(writer, value.condition));
    case 'condition':
      return writeTruth(writer, () => conditions.writeExact(writer, value.predicate));
    default:
      // A flag is stored as a number, and what an engine calls true is none on PostgreSQL.
      if (value.type === 'boolean') return writeTruth(writer, () => writeCall(writer, value, conditions));
      return writeCall(writer, value, conditions);
  }
}

/** Writes a query of the items that meet a condition, in parentheses. */
export function writeItems(
  writer: FragmentWriter,
  select: string,
  { collection, scope }: Items,
  writeCondition: () => void,
): FragmentWriter {
  const alias = itemAlias(scope);
  const { table, link } = writer.lookup.items(collection, alias);
  writer.text(`(${select} from ${table} as ${alias} where ${link} and `);
  writeCondition();
  return writer.text(')');
}

function writeTruth(writer: FragmentWriter, write: () => void): FragmentWriter {
  writer.text(writer.dialect === 'sqlite' ? '(' : 'cast((');
  write();
  return writer.text(writer.dialect === 'sqlite' ? ')' : ') as integer)');
}

/** Names of operands that are calculated once and used several times. */
const names = ['a', 'b', 'c'];

/**
 * Writes a call by the SQL of its operation. An operand that stands there more than once is calculated in a row of its
 * own, so that calls within calls grow by their number and not by its power.
 */
export function writeCall(
  writer: FragmentWriter,
  { operation, operands }: Extract<Value, { kind: 'call' }>,
  conditions: ConditionWriter,
): FragmentWriter {
  const { sql } = operationNamed(operation);
  const pieces = (typeof sql === 'string' ? sql : sql[writer.dialect]).split(/\{(\d)\}/);
  const isRepeated = (index: number) =>
    pieces.filter((piece, at) => at % 2 === 1 && Number(piece) === index).length > 1;
  const named = operands.map((operand, index) => isRepeated(index) && !isPlain(operand));
  const isNamed = named.includes(true);
  if (isNamed) writer.text('(select ');
  for (const [at, piece] of pieces.entries()) {
    const operand = operands[Number(piece)];
    if (at % 2 === 0 || operand === undefined) writer.text(piece);
    else if (named[Number(piece)] === true) writer.text(`operand.${names[Number(piece)]}`);
    else writeValue(writer, operand, conditions);
  }
  if (!isNamed) return writer;
  writer.text(' from (select ');
  let isFirst = true;
  for (const [index, operand] of operands.entries()) {
    if (named[index] !== true) continue;
    if (!isFirst) writer.text(', ');
    writeValue(writer, operand, conditions).text(` as ${names[index]}`);
    isFirst = false;
  }
  // PostgreSQL would otherwise put the operand back into each of its places.
  return writer.text(writer.dialect === 'postgres' ? ' offset 0) as operand)' : ') as operand)');
}

function isPlain({ kind }: Value): boolean {
  return kind === 'property' || kind === 'constant';
}
