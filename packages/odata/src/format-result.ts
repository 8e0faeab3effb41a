import type { ResultProperty } from './apply-plan.ts';
import { formatDuration } from './duration.ts';
import type { ResultRow } from './evaluate-apply.ts';
import { formatNumber } from './numbers.ts';
import { type Scalar, totalScale } from './predicate.ts';
import { parseTotal } from './totals.ts';

/** A value of a result from the text that a database makes of its column. */
export function parseResultValue({ type }: ResultProperty, text: string | null): Scalar | null {
  if (text === null) return null;
  if (type === 'total') return parseTotal(text);
  if (type === 'boolean') return text === '1';
  return type === 'integer' || type === 'decimal' || type === 'duration' ? BigInt(text) : text;
}

/** A result as JSON (OData JSON Format 4.01, section 7): numbers exactly, paths as objects within each other. */
export function formatResult(properties: readonly ResultProperty[], row: ResultRow): string {
  return formatObject(
    properties.map((property, index) => ({ path: property.path, text: formatValue(property, row[index] ?? null) })),
    0,
  );
}

interface Member {
  readonly path: readonly string[];
  readonly text: string;
}

function formatObject(members: readonly Member[], depth: number): string {
  const names = [...new Set(members.map(({ path }) => path[depth] ?? ''))];
  const written = names.map((name) => {
    const below = members.filter(({ path }) => path[depth] === name);
    const leaf = below.find(({ path }) => path.length === depth + 1);
    return `${JSON.stringify(name)}:${leaf === undefined ? formatObject(below, depth + 1) : leaf.text}`;
  });
  return `{${written.join(',')}}`;
}

function formatValue({ type, scale }: ResultProperty, value: Scalar | null): string {
  if (typeof value !== 'bigint') return JSON.stringify(value);
  if (type === 'duration') return JSON.stringify(formatDuration(value));
  return formatNumber(value, type === 'total' ? totalScale : scale);
}
