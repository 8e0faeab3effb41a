import type { Aggregate, ApplyPlan, ApplyStep, ResultProperty } from './apply-plan.ts';
import { placeOf } from './apply-to-sql.ts';
import { compareScalars, type EntityReader, evaluate, evaluateValue } from './evaluate.ts';
import { type Scalar, totalScale } from './predicate.ts';

/** The values of a result, in the order of its properties. */
export type ResultRow = readonly (Scalar | null)[];

type Group = Extract<ApplyStep, { kind: 'group' }>;

/** Makes the transformations of a plan that groups or aggregates in memory, as the database would. */
export function evaluateApply(
  plan: ApplyPlan,
  entities: readonly unknown[],
  reader: EntityReader,
): readonly ResultRow[] {
  if (plan.properties === undefined) throw new TypeError('a plan without results has no rows of them');
  let rows = entities;
  let by = reader;
  for (const step of plan.steps) {
    const here = by;
    if (step.kind === 'filter') {
      rows = rows.filter((row) => evaluate(step.predicate, row, here));
    } else {
      rows = groupRows(step, rows, here);
      by = readerOfResults(step.properties);
    }
  }
  // A plan with results has a step that makes them.
  return rows as readonly ResultRow[];
}

/** How conditions and keys read a result. */
export function readerOfResults(properties: readonly ResultProperty[]): EntityReader {
  return {
    value: (row, { segments }) => (row as ResultRow)[placeOf(segments, properties)] ?? null,
    items: () => [],
  };
}

function groupRows({ keys, aggregates }: Group, rows: readonly unknown[], reader: EntityReader): ResultRow[] {
  const groups = new Map<string, { readonly keys: ResultRow; readonly rows: unknown[] }>();
  if (keys.length === 0) groups.set('', { keys: [], rows: [...rows] });
  else {
    for (const row of rows) {
      const values = keys.map((key) => evaluateValue(key, row, reader));
      const name = JSON.stringify(values, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
      const group = groups.get(name) ?? { keys: values, rows: [] };
      group.rows.push(row);
      groups.set(name, group);
    }
  }
  return [...groups.values()].map((group) => [
    ...group.keys,
    ...aggregates.map((aggregate) => aggregateRows(aggregate, group.rows, reader)),
  ]);
}

function aggregateRows(aggregate: Aggregate, rows: readonly unknown[], reader: EntityReader): Scalar | null {
  if (aggregate.method === 'count') return BigInt(rows.length);
  const { method, value } = aggregate;
  const values = rows.flatMap((row) => evaluateValue(value, row, reader) ?? []);
  if (method === 'countdistinct') return BigInt(new Set(values).size);
  const [first] = values;
  if (first === undefined) return null;
  if (method === 'min') return values.reduce((one, other) => (compareScalars(other, one) < 0 ? other : one));
  if (method === 'max') return values.reduce((one, other) => (compareScalars(other, one) > 0 ? other : one));
  const sum = (values as readonly bigint[]).reduce((one, other) => one + other, 0n);
  // A quotient of whole numbers is cut off.
  if (method === 'average') return sum / BigInt(values.length);
  return value.type === 'total' ? sum : sum * 10n ** BigInt(totalScale - value.scale);
}
