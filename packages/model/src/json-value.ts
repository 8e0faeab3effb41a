/**
 * JSON values in memory: null, booleans, texts, numbers, bigints, lists and plain objects. Anything else, a map or a
 * date, is a leaf that is never looked into.
 */

/** Whether a value is an object with members. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A deep copy. Members under symbols come along as they are; leaves are shared. */
export function cloneValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cloneValue);
  if (!isPlainObject(value)) return value;
  const copy: Record<string, unknown> = Object.getPrototypeOf(value) === null ? Object.create(null) : {};
  for (const name of Object.keys(value)) defineMember(copy, name, cloneValue(value[name]));
  const symbols = Object.getOwnPropertySymbols(value);
  if (symbols.length > 0)
    Object.assign(copy, Object.fromEntries(symbols.map((name) => [name, Reflect.get(value, name)])));
  return copy;
}

/** Sets an own member whatever its name: assigning to `__proto__` would change what the object inherits. */
export function defineMember(parent: unknown[] | Record<string, unknown>, key: string | number, value: unknown): void {
  if (key !== '__proto__') (parent as Record<string | number, unknown>)[key] = value;
  else Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true });
}

/** How many values there are, the outermost counted; undefined where they are nested deeper than the levels allow. */
export function countValues(value: unknown, levels: number): number | undefined {
  const items = Array.isArray(value) ? value : isPlainObject(value) ? Object.values(value) : undefined;
  if (items === undefined) return levels < 0 ? undefined : 1;
  if (levels < 1) return undefined;
  let count = 1;
  for (const item of items) {
    const below = countValues(item, levels - 1);
    if (below === undefined) return undefined;
    count += below;
  }
  return count;
}

/** Equality of JSON values (RFC 6902, section 4.6): numbers by value, objects whatever their order; symbols are no JSON. */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (isNumber(one) && isNumber(other)) return one <= other && one >= other;
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((item, at) => isSameValue(item, other[at]));
  }
  if (!isPlainObject(one)) return one === other;
  if (!isPlainObject(other)) return false;
  const names = Object.keys(one);
  const hasName = (name: string) => Object.hasOwn(other, name) && isSameValue(one[name], other[name]);
  return names.length === Object.keys(other).length && names.every(hasName);
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}
