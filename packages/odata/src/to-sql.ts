import type { SqlDialect } from './operations.ts';
import type { Comparison, Predicate, Scalar, ScalarType, Value } from './predicate.ts';
import { type ColumnLookup, FragmentWriter, type SqlFragment } from './sql-fragment.ts';
import { type ConditionWriter, writeCall, writeItems, writeValue } from './sql-values.ts';
import { formatTotal } from './totals.ts';

/**
 * Writes a predicate as a condition for `where`. SQL is three-valued where OData is not, so `not` goes down to the leaves,
 * where each leaf says what it means of null. No column that is compared with a value is wrapped in a function, so that
 * indexes serve.
 */
export function toSql(predicate: Predicate, dialect: SqlDialect, lookup: ColumnLookup): SqlFragment {
  return write(new FragmentWriter(dialect, lookup), predicate, 'true').fragment();
}

/** Writes a value to sort by, in the form in which it is compared. */
export function valueToSql(value: Value, dialect: SqlDialect, lookup: ColumnLookup): SqlFragment {
  return writeValue(new FragmentWriter(dialect, lookup), value, conditions).fragment();
}

/** What the condition is that is written, given what the predicate is. */
type Wanted = 'true' | 'false' | 'notTrue' | 'notFalse';

const negated: Readonly<Record<Wanted, Wanted>> = {
  true: 'false',
  false: 'true',
  notTrue: 'notFalse',
  notFalse: 'notTrue',
};
const opposites: Readonly<Record<Comparison, Comparison>> = {
  eq: 'ne',
  ne: 'eq',
  gt: 'le',
  ge: 'lt',
  lt: 'ge',
  le: 'gt',
};
const signs: Readonly<Record<Comparison, string>> = { eq: '=', ne: '<>', gt: '>', ge: '>=', lt: '<', le: '<=' };

const conditions: ConditionWriter = {
  writeTrue: (writer, predicate) => write(writer, predicate, 'true'),
  writeExact,
};

function write(writer: FragmentWriter, predicate: Predicate, wanted: Wanted): FragmentWriter {
  // What is never null is turned over by either.
  const isTurned = wanted === 'false' || wanted === 'notTrue';
  switch (predicate.kind) {
    case 'constant':
      return writer.text(holds(predicate.value, wanted) ? '1 = 1' : '1 = 0');
    case 'not':
      return write(writer, predicate.term, negated[wanted]);
    case 'and':
    case 'or':
      return writeTerms(writer, predicate.terms, (predicate.kind === 'and') !== isTurned ? ' and ' : ' or ', wanted);
    case 'isNull':
      return writeValue(writer, predicate.value, conditions).text(` is ${isTurned ? 'not null' : 'null'}`);
    case 'compare':
      return writeComparison(writer, predicate, isTurned);
    case 'oneOf':
      return writeOneOf(writer, predicate.value, predicate.values, isTurned);
    case 'flag':
      return writeFlag(writer, predicate.value, wanted);
    case 'is':
      return write(writer, predicate.term, wantedOf(predicate.truth, isTurned));
    default: {
      const isEvery = predicate.kind === 'every';
      // Every item does, where there is none that does not.
      writer.text(isEvery !== isTurned ? 'not exists ' : 'exists ');
      return writeItems(writer, 'select 1', predicate, () =>
        write(writer, predicate.condition, isEvery ? 'notTrue' : 'true'),
      );
    }
  }
}

function wantedOf(truth: boolean, isTurned: boolean): Wanted {
  if (isTurned) return truth ? 'notTrue' : 'notFalse';
  return truth ? 'true' : 'false';
}

function holds(value: boolean | null, wanted: Wanted): boolean {
  if (wanted === 'notTrue') return value !== true;
  if (wanted === 'notFalse') return value !== false;
  return value === (wanted === 'true');
}

function writeTerms(writer: FragmentWriter, terms: readonly Predicate[], word: string, wanted: Wanted | 'exact') {
  writer.text('(');
  for (const [index, term] of terms.entries()) {
    if (index > 0) writer.text(word);
    if (wanted === 'exact') writeExact(writer, term);
    else write(writer, term, wanted);
  }
  return writer.text(')');
}

function writeComparison(
  writer: FragmentWriter,
  { operator, left, right }: Extract<Predicate, { kind: 'compare' }>,
  isTurned: boolean,
): FragmentWriter {
  if (left.kind === 'property' && right.kind === 'constant' && right.value !== null) {
    const column = writer.lookup.column(left.property);
    // Nothing is unequal to every value, and whatever `not` turns over holds for nothing.
    const takesNull = isTurned ? operator !== 'ne' : operator === 'ne';
    const sign = signs[isTurned ? opposites[operator] : operator];
    writer.text(`${takesNull ? '(' : ''}${column} ${sign} `).value(stored(right.value, left.type));
    return takesNull ? writer.text(` or ${column} is null)`) : writer;
  }
  const isEquality = operator === 'eq' || operator === 'ne';
  const equality = `is ${(operator === 'eq') !== isTurned ? 'not ' : ''}distinct from`;
  writer.text('(');
  writeValue(writer, left, conditions).text(` ${isEquality ? equality : signs[operator]} `);
  writeValue(writer, right, conditions).text(')');
  return isTurned && !isEquality ? writer.text(' is not true') : writer;
}

function writeOneOf(
  writer: FragmentWriter,
  value: Value,
  values: readonly Scalar[],
  isTurned: boolean,
): FragmentWriter {
  if (values.length === 0) return writer.text(isTurned ? '1 = 1' : '1 = 0');
  const column = value.kind === 'property' ? writer.lookup.column(value.property) : undefined;
  writer.text(isTurned || column === undefined ? '(' : '');
  writeValue(writer, value, conditions).text(isTurned && column !== undefined ? ' not in (' : ' in (');
  for (const [index, one] of values.entries()) {
    if (index > 0) writer.text(', ');
    if (column === undefined) writer.typedValue(one, value.type);
    else writer.value(stored(one, value.type));
  }
  if (column === undefined) return writer.text(`)) is ${isTurned ? 'not true' : 'true'}`);
  return writer.text(isTurned ? `) or ${column} is null)` : ')');
}

/** A value in the form in which the database has it. */
function stored(value: Scalar, type: ScalarType): Scalar {
  return type === 'total' ? formatTotal(value as bigint) : value;
}

/** A flag in a column is a number; one that is calculated is what the engine calls true. */
function writeFlag(writer: FragmentWriter, value: Value, wanted: Wanted): FragmentWriter {
  const truth = wanted === 'true' || wanted === 'notFalse';
  const takesNull = wanted === 'notTrue' || wanted === 'notFalse';
  if (value.kind === 'property') {
    const column = writer.lookup.column(value.property);
    writer.text(`${takesNull ? '(' : ''}${column} = `).value(truth);
    return takesNull ? writer.text(` or ${column} is null)`) : writer;
  }
  writer.text(wanted === 'false' ? 'not (' : '(');
  if (value.kind === 'call') writeCall(writer, value, conditions);
  else writeValue(writer, value, conditions);
  if (!takesNull) return writer.text(')');
  return writer.text(truth ? ') is not false' : ') is not true');
}

/** A condition that is null exactly where the predicate is nothing; it serves no index. */
function writeExact(writer: FragmentWriter, predicate: Predicate): FragmentWriter {
  if (predicate.kind === 'and' || predicate.kind === 'or') {
    return writeTerms(writer, predicate.terms, ` ${predicate.kind} `, 'exact');
  }
  if (predicate.kind === 'not') return writeExact(writer.text('not ('), predicate.term).text(')');
  if (predicate.kind === 'constant' && predicate.value === null) return writer.text('(1 = null)');
  if (predicate.kind === 'flag') return write(writer.text('('), predicate, 'true').text(')');
  return write(writer.text('(('), predicate, 'true').text(') is true)');
}
