/** `${deal.id}`; with a second dollar before it, the text itself is meant. */
const reference = /(\$?)\$\{([^{}]*)\}/g;

/** Answers that were saved, by the name that they were saved under. */
export type Saved = ReadonlyMap<string, unknown>;

/** A reference to what is not there. */
export class ReferenceProblem extends Error {}

/** The names that the references of a text begin with, in order. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(reference)].flatMap(([, mark, path = '']) => (mark === '$' ? [] : [stepsOf(path)[0] ?? '']));
}

/**
 * Puts what was saved in the place of every reference. A text that is nothing but a reference becomes the value itself;
 * within a text, the value is written out.
 *
 * @throws ReferenceProblem
 */
export function fillReferences(value: unknown, saved: Saved): unknown {
  if (typeof value === 'string') return fillText(value, saved);
  if (Array.isArray(value)) return value.map((item) => fillReferences(item, saved));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fillReferences(item, saved)]));
}

function fillText(text: string, saved: Saved): unknown {
  const [only] = text.matchAll(reference);
  if (only !== undefined && only[0] === text && only[1] === '') return lookUp(only[2] ?? '', saved);
  return text.replace(reference, (whole, mark: string, path: string) => {
    if (mark === '$') return whole.slice(1);
    const found = lookUp(path, saved);
    return typeof found === 'string' ? found : JSON.stringify(found);
  });
}

function lookUp(path: string, saved: Saved): unknown {
  const [name = '', ...steps] = stepsOf(path);
  if (!saved.has(name)) throw new ReferenceProblem(`\${${path}} refers to "${name}", which no step before has saved`);
  let found = saved.get(name);
  let way = name;
  for (let at = 0; at < steps.length; ) {
    const step = memberStep(found, steps.slice(at));
    if (step === undefined) {
      throw new ReferenceProblem(`\${${path}} refers to "${steps[at]}" of ${way}, ${whatIsThere(found)}`);
    }
    found = (found as Record<string, unknown>)[step];
    way = `${way}.${step}`;
    at += step.split('.').length;
  }
  return found;
}

/** The first steps that are together the name of a member: `@odata.count` has a dot of its own. */
function memberStep(value: unknown, steps: readonly string[]): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return steps.map((_step, index) => steps.slice(0, index + 1).join('.')).find((name) => Object.hasOwn(value, name));
}

function whatIsThere(value: unknown): string {
  if (Array.isArray(value)) return `which is a list of ${value.length}`;
  if (typeof value !== 'object' || value === null) return `which is ${JSON.stringify(value)}`;
  return `which has ${Object.keys(value).slice(0, 60).join(', ') || 'no members'}`;
}

/** `list.value[0].id` and `list.value.0.id` are the same way. */
function stepsOf(path: string): string[] {
  return path
    .trim()
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.');
}
