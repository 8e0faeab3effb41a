import { asNumber, isNumber, toWhole } from './bind-number.ts';
import type { ItemScope } from './bind-path.ts';
import { toSeconds } from './bind-time.ts';
import type { ValueBinder } from './bind-value.ts';
import { constantOf, foldCall, isNothing } from './fold.ts';
import { boundFunctions, functions, type Overload, type ParameterType } from './functions.ts';
import { operationNamed } from './operations.ts';
import { readPattern } from './pattern.ts';
import { describeValue, type Value } from './predicate.ts';
import type { Expression, LiteralSyntax } from './syntax.ts';

/** A call as it is written. */
interface Call {
  readonly name: string;
  readonly position: number;
  readonly of: readonly Expression[];
}

const earliest = '0001-01-01T00:00:00.0000000Z';
const latest = '9999-12-31T23:59:59.9999999Z';

/** The value of a call; undefined where the function is not one that can be answered. */
export function bindCall(binder: ValueBinder, call: Call, scopes: readonly ItemScope[]): Value | undefined {
  const name = call.name.toLowerCase();
  const overloads = Object.hasOwn(functions, name) ? functions[name] : undefined;
  const count = Object.hasOwn(boundFunctions, name) ? boundFunctions[name] : undefined;
  if (overloads === undefined && count === undefined) return undefined;
  const counts = overloads?.map(({ parameters }) => parameters.length) ?? [count];
  if (!counts.includes(call.of.length)) {
    const wanted = [...new Set(counts)].join(' or ');
    return binder.refuse(
      call.position,
      `${name} takes ${wanted === '0' ? 'no' : wanted} ${wanted === '1' ? 'value' : 'values'}`,
    );
  }
  const values = call.of.map((argument) => asNumber(binder.bind(argument, scopes)));
  if (overloads !== undefined) return bindOverload(binder, call, values, overloads);
  if (name === 'matchespattern') return bindPattern(binder, call, values);
  return bindByHand(binder, { ...call, name }, values);
}

function bindPattern(binder: ValueBinder, call: Call, [value, pattern]: readonly Value[]): Value {
  const position = call.of[1]?.position ?? call.position;
  if (pattern?.kind !== 'constant' || typeof pattern.value !== 'string') {
    return binder.stop({ kind: 'unsupported', position, what: 'a pattern that is not given as a text' });
  }
  const plain = readPattern(pattern.value);
  if (plain === 'malformed') return binder.refuse(position, 'the pattern is not a regular expression of ECMAScript');
  if (plain === undefined) {
    return binder.stop({ kind: 'unsupported', position, what: 'a pattern of more than plain text between ^ and $' });
  }
  const literal: LiteralSyntax = { kind: 'literal', form: 'string', value: plain.text, position };
  const of = [call.of[0] ?? literal, literal];
  const given = [value ?? pattern, constantOf(plain.text, 'text')];
  return bindOverload(binder, { ...call, of }, given, [{ parameters: ['text', 'text'], operation: plain.operation }]);
}

function bindByHand(binder: ValueBinder, { name, position }: Call, [value]: readonly Value[]): Value {
  if (value === undefined) {
    return constantOf(name === 'now' ? binder.now : name === 'mindatetime' ? earliest : latest, 'instant');
  }
  const isDuration = name === 'totalseconds';
  if (isNothing(value)) return constantOf(null, 'decimal', 0);
  if (isDuration && value.type === 'duration') return toSeconds(value);
  if (isDuration || !isNumber(value)) {
    return binder.refuse(
      position,
      `${name} takes a ${isDuration ? 'duration' : 'number'}, and not ${describeValue(value)}`,
    );
  }
  return toWhole(name as 'round' | 'floor' | 'ceiling', value);
}

function bindOverload(binder: ValueBinder, call: Call, given: readonly Value[], overloads: readonly Overload[]): Value {
  const ofCount = overloads.filter(({ parameters }) => parameters.length === given.length);
  const overload = ofCount.find(({ parameters }) => parameters.every((type, index) => isA(type, given[index])));
  if (overload === undefined) {
    const at = given.findIndex((value, index) => !ofCount.some(({ parameters }) => isA(parameters[index], value)));
    const wanted = [...new Set(ofCount.map(({ parameters }) => parameters[Math.max(at, 0)]))].join(' or a ');
    const wrong = given[Math.max(at, 0)];
    const position = call.of[Math.max(at, 0)]?.position ?? call.position;
    const shown = wrong === undefined ? 'nothing' : describeValue(wrong);
    return binder.refuse(position, `${call.name.toLowerCase()} takes a ${wanted} there, and not ${shown}`);
  }
  const { operation, scale = 0 } = overload;
  const { result, constants } = operationNamed(operation);
  const read = readAlike(binder, call, given);
  const extra = read.some(isNothing) ? [] : (constants?.() ?? []).map((text) => constantOf(text, 'text'));
  return foldCall(operation, [...read, ...extra], result, scale);
}

/** A text beside a property is read as one that the property is compared with: e-mail addresses in any case. */
function readAlike(binder: ValueBinder, { of }: Call, given: readonly Value[]): readonly Value[] {
  const [reader, ...others] = given.flatMap((value) => binder.foundAt(value)?.reader ?? []);
  if (reader === undefined || others.length > 0) return given;
  return given.map((value, index) => {
    const literal = of[index];
    if (literal?.kind !== 'literal' || literal.form !== 'string' || value.type !== 'text') return value;
    const [text, ...more] = reader.read(literal.value);
    return text === undefined || more.length > 0 ? value : constantOf(text, 'text');
  });
}

function isA(parameter: ParameterType | undefined, value: Value | undefined): boolean {
  if (value === undefined || parameter === undefined) return false;
  if (isNothing(value)) return true;
  if (parameter === 'text') return value.type === 'text' || value.type === 'enumeration' || value.type === 'guid';
  if (parameter === 'number') return isNumber(value);
  if (parameter === 'whole number') return isNumber(value) && value.scale === 0;
  return value.type === parameter;
}
