import type { BindRules, FoundProperty, ValueReader } from './bind-path.ts';
import type { PropertyModel, StructuredType } from './entity-model.ts';
import type { ScalarType, Value } from './predicate.ts';

/** A value that a row of results has, under a name. */
export interface NamedResult {
  readonly path: readonly string[];
  readonly value: Value;
  /** The property that it is, or is the least or greatest value of. */
  readonly found: FoundProperty | undefined;
  /** What it is, where the value does not say it. */
  readonly calculated: { readonly type: ScalarType; readonly scale: number } | undefined;
}

const entityType = 'Result';

/** How expressions on results are read: their entity type has what the results have, in objects where paths have `/`. */
export function rulesOfResults(rules: BindRules, results: readonly NamedResult[]): BindRules {
  const complexTypes: StructuredType[] = [];
  const properties = propertiesBelow([], results, complexTypes);
  const readers = results.flatMap(({ path, found }): (readonly [string, ValueReader])[] =>
    found?.reader === undefined ? [] : [[path.join('/'), found.reader]],
  );
  return {
    model: { ...rules.model, complexTypes, entityTypes: [{ name: entityType, key: '', properties }] },
    entityType,
    readers: Object.fromEntries(readers),
  };
}

function propertiesBelow(
  prefix: readonly string[],
  results: readonly NamedResult[],
  complexTypes: StructuredType[],
): PropertyModel[] {
  const depth = prefix.length;
  const names = [...new Set(results.map(({ path }) => path[depth] ?? ''))];
  return names.map((name) => {
    const below = results.filter(({ path }) => path[depth] === name);
    const leaf = below.find(({ path }) => path.length === depth + 1);
    if (leaf !== undefined) return leafOf(name, leaf);
    const place = [...prefix, name];
    const type = `${entityType}/${place.join('/')}`;
    complexTypes.push({ name: type, properties: propertiesBelow(place, below, complexTypes) });
    return { name, type, isCollection: false, isNullable: false };
  });
}

function leafOf(name: string, { value, found, calculated }: NamedResult): PropertyModel {
  const usable = { isCollection: false, isNullable: true, isFilterable: true, isSortable: true } as const;
  if (found !== undefined && calculated === undefined) return { ...found.model, ...usable, name };
  const { type, scale } = calculated ?? value;
  return { ...usable, name, type: edmTypes[type], calculated: { type, scale } };
}

/** For sentences and for typed literals. */
const edmTypes: Readonly<Record<ScalarType, string>> = {
  text: 'Edm.String',
  boolean: 'Edm.Boolean',
  integer: 'Edm.Decimal',
  decimal: 'Edm.Decimal',
  total: 'Edm.Decimal',
  instant: 'Edm.DateTimeOffset',
  date: 'Edm.Date',
  time: 'Edm.TimeOfDay',
  duration: 'Edm.Duration',
  enumeration: 'Edm.String',
  guid: 'Edm.Guid',
};
