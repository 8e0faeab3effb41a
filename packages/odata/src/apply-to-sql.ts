import { isWhole, writtenAggregate } from './aggregate-sql.ts';
import type { ApplyPlan, ApplyStep, ResultProperty } from './apply-plan.ts';
import type { SqlDialect } from './operations.ts';
import type { Predicate, PropertyPath, Value } from './predicate.ts';
import { type ColumnLookup, FragmentWriter, type SqlFragment } from './sql-fragment.ts';
import { toSql, valueToSql } from './to-sql.ts';

/** A table of entities that transformations begin with. */
export interface ApplySource {
  /** What stands behind `from`. */
  readonly from: SqlFragment;
  /** What its rows must meet before anything else. */
  readonly where: SqlFragment;
  readonly columns: ColumnLookup;
}

/** What a query of results is made from. */
export interface ApplyParts {
  readonly dialect: SqlDialect;
  /** Tables whose rows are taken together. */
  readonly sources: readonly ApplySource[];
  /** A condition without values that is asked at rows of results, by one of their columns. */
  readonly stillInTime?: (column: string) => string;
}

type Group = Extract<ApplyStep, { kind: 'group' }>;

/**
 * Writes the transformations of a plan that groups or aggregates as a query, whose columns are `r0`, `r1` … for its
 * properties. The grouping is the database's.
 */
export function applyToSql(plan: ApplyPlan, { dialect, sources, stillInTime }: ApplyParts): SqlFragment {
  let from = sources;
  for (const step of plan.steps) {
    if (step.kind === 'group') from = [resultsOf(writeGroup(step, from, dialect), step.properties, stillInTime)];
    else from = from.map((source) => withCondition(source, step.predicate, dialect));
  }
  const [only] = from;
  if (only === undefined || plan.properties === undefined) throw new TypeError('a plan without results is no query');
  const writer = new FragmentWriter(dialect, only.columns);
  const columns = plan.properties.map((_property, index) => `result.r${index}`);
  return writer
    .text(`select ${columns.join(', ')} from `)
    .fragmentOf(only.from)
    .text(' where ')
    .fragmentOf(only.where)
    .fragment();
}

/** Where the properties of results are, in rows of `applyToSql` that are called `result`. */
export function resultColumns(properties: readonly ResultProperty[]): ColumnLookup {
  return {
    column: ({ segments }: PropertyPath) => `result.r${placeOf(segments, properties)}`,
    items: () => {
      throw new TypeError('a result has no lists');
    },
  };
}

/** The place of a property among those of a result. */
export function placeOf(segments: readonly string[], properties: readonly ResultProperty[]): number {
  const path = segments.join('/');
  const place = properties.findIndex((property) => property.path.join('/') === path);
  if (place < 0) throw new TypeError(`a result has no property ${path}`);
  return place;
}

function withCondition(source: ApplySource, condition: Predicate, dialect: SqlDialect): ApplySource {
  const writer = new FragmentWriter(dialect, source.columns).fragmentOf(source.where).text(' and ');
  return { ...source, where: writer.fragmentOf(toSql(condition, dialect, source.columns)).fragment() };
}

function resultsOf(
  query: SqlFragment,
  properties: readonly ResultProperty[],
  stillInTime: ApplyParts['stillInTime'] = () => '1 = 1',
): ApplySource {
  const { parts, values } = query;
  const from = { parts: parts.map((text, index) => (index === 0 ? `(${text}` : text)), values };
  const last = from.parts.length - 1;
  from.parts[last] = `${from.parts[last] ?? ''}) as result`;
  const where = { parts: [stillInTime('result.r0')], values: [] };
  return { from, where, columns: resultColumns(properties) };
}

/** The values of the rows, then the groups, then what is carried, then the results. */
function writeGroup({ keys, aggregates }: Group, sources: readonly ApplySource[], dialect: SqlDialect): SqlFragment {
  const values: Value[] = [...keys];
  const written = aggregates.map((aggregate) => {
    const { grouped, carried, result } = writtenAggregate(aggregate, dialect);
    const column = aggregate.method === 'count' ? '' : `input.v${inputOf(aggregate.value, values)}`;
    return { grouped: grouped.map((sql) => fill(sql, [column])), carried, result };
  });
  const keyNames = keys.map((_key, index) => `v${index}`);
  const levels: string[][] = [
    [...keyNames.map((name) => `grouped.${name} as r${name.slice(1)}`)],
    [...keyNames],
    [...keyNames],
  ];
  const [results = [], carried = [], grouped = []] = levels;
  for (const [index, aggregate] of written.entries()) {
    const names = aggregate.grouped.map((_sql, at) => `a${index}x${at}`);
    grouped.push(...aggregate.grouped.map((sql, at) => `${sql} as ${names[at]}`));
    const kept = aggregate.carried ?? names.map((_name, at) => `{${at}}`);
    carried.push(...kept.map((sql, at) => `${fill(sql, names)} as c${index}x${at}`));
    const columns = kept.map((_sql, at) => `grouped.c${index}x${at}`);
    results.push(`${fill(aggregate.result, columns)} as r${keys.length + index}`);
  }
  const writer = new FragmentWriter(dialect, { column: () => '', items: () => ({ table: '', link: '' }) });
  writer.text(
    `select ${results.join(', ')} from (select ${carried.join(', ')} from (select ${grouped.join(', ')} from (`,
  );
  writeInputs(writer, values, sources);
  const by = keyNames.length === 0 ? '' : ` group by ${keyNames.map((name) => `input.${name}`).join(', ')}`;
  return writer.text(`) as input${by}) as summed) as grouped`).fragment();
}

/** The place of a value among those that are read of each row; the same value is read once. */
function inputOf(value: Value, values: Value[]): number {
  const name = nameOf(value);
  const known = values.findIndex((other) => nameOf(other) === name);
  return known < 0 ? values.push(value) - 1 : known;
}

function nameOf(value: Value): string {
  return JSON.stringify(value, (_name, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
}

function writeInputs(writer: FragmentWriter, values: readonly Value[], sources: readonly ApplySource[]): void {
  for (const [index, { from, where, columns }] of sources.entries()) {
    writer.text(index === 0 ? 'select ' : ' union all select ');
    for (const [at, value] of values.entries()) {
      if (at > 0) writer.text(', ');
      writeInput(writer, value, columns);
      writer.text(` as v${at}`);
    }
    // A row of no columns is none.
    if (values.length === 0) writer.text('1 as one');
    writer.text(' from ').fragmentOf(from).text(' where ').fragmentOf(where);
  }
}

/** PostgreSQL adds up numbers of 64 bits exactly, and orders texts by code point only where it is told to. */
function writeInput(writer: FragmentWriter, value: Value, columns: ColumnLookup): void {
  const sql = valueToSql(value, writer.dialect, columns);
  if (writer.dialect === 'sqlite') writer.fragmentOf(sql);
  else if (isWhole(value.type)) writer.text('cast(').fragmentOf(sql).text(' as bigint)');
  else writer.text('(').fragmentOf(sql).text(') collate "C"');
}

function fill(sql: string, columns: readonly string[]): string {
  return sql.replaceAll(/\{(\d)\}/g, (_whole, at: string) => columns[Number(at)] ?? '');
}
