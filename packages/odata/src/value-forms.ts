/**
 * How values are written without quotes (OData ABNF 4.01, part 7), one character after the other, so that a fault
 * stands where the first one does not fit.
 */

/** Where a form ends; or, where it does not fit, the place of the first character that does not. */
export type Reach = { readonly end: number } | { readonly wrongAt: number };

type Step = (text: string, at: number) => Reach;

const digit = /[0-9]/;
const hexDigit = /[0-9a-f]/i;

function one(pattern: RegExp): Step {
  return (text, at) => (pattern.test(text[at] ?? '') ? { end: at + 1 } : { wrongAt: at });
}

function many(pattern: RegExp, least: number, most: number): Step {
  return (text, at) => {
    let end = at;
    while (end - at < most && pattern.test(text[end] ?? '')) end += 1;
    return end - at < least ? { wrongAt: end } : { end };
  };
}

function inTurn(...steps: readonly Step[]): Step {
  return (text, at) => {
    let end = at;
    for (const step of steps) {
      const reach = step(text, end);
      if ('wrongAt' in reach) return reach;
      end = reach.end;
    }
    return { end };
  };
}

/** What may be left out is there if it begins. */
function maybe(step: Step): Step {
  return (text, at) => {
    const reach = step(text, at);
    return 'wrongAt' in reach && reach.wrongAt === at ? { end: at } : reach;
  };
}

/** Two digits from 00 to 23 and the like: what the second may be depends on the first. */
function twoDigits(...pairs: readonly (readonly [RegExp, RegExp])[]): Step {
  return (text, at) => {
    const [, second] = pairs.find(([first]) => first.test(text[at] ?? '')) ?? [];
    return second === undefined ? { wrongAt: at } : one(second)(text, at + 1);
  };
}

const month = twoDigits([/0/, /[1-9]/], [/1/, /[0-2]/]);
const day = twoDigits([/0/, /[1-9]/], [/[12]/, digit], [/3/, /[01]/]);
const hour = twoDigits([/[01]/, digit], [/2/, /[0-3]/]);
const minute = twoDigits([/[0-5]/, digit]);
const fraction = maybe(inTurn(one(/\./), many(digit, 1, 12)));
const time = inTurn(hour, one(/:/), minute, maybe(inTurn(one(/:/), minute, fraction)));
const date = inTurn(maybe(one(/-/)), many(digit, 4, 6), one(/-/), month, one(/-/), day);
const zone = /^(?:[+-]| (?=\d\d:))/;

/** No zone means UTC. The `+` of an offset that was not percent-encoded arrives as a space. */
const offset: Step = (text, at) => {
  if (/[Zz]/.test(text[at] ?? '')) return { end: at + 1 };
  if (!zone.test(text.slice(at, at + 4))) return { end: at };
  return inTurn(hour, one(/:/), minute)(text, at + 1);
};
const number = inTurn(
  maybe(one(/[+-]/)),
  many(digit, 1, Number.POSITIVE_INFINITY),
  maybe(inTurn(one(/\./), many(digit, 1, Number.POSITIVE_INFINITY))),
  maybe(inTurn(one(/e/i), maybe(one(/[+-]/)), many(digit, 1, 10))),
);
const hyphen = one(/-/);
const four = many(hexDigit, 4, 4);

function word(text: string): Step {
  return inTurn(...Array.from(text, (letter) => one(new RegExp(letter, 'i'))));
}

/** `1D` or `30M`: digits and the letter of their unit. */
function units(letter: RegExp): Step {
  return (text, at) => {
    const digits = many(digit, 1, 12)(text, at);
    if ('wrongAt' in digits) return digits;
    const part = /S/.test(letter.source) ? fraction(text, digits.end) : digits;
    return 'wrongAt' in part ? part : one(letter)(text, part.end);
  };
}

/** Units are in their order, and each may be left out: a number that another one's letter follows is that other's. */
const clock: Step = (text, at) => {
  let end = at;
  for (const letter of [/H/i, /M/i, /S/i]) {
    const reach = units(letter)(text, end);
    if ('end' in reach) end = reach.end;
    else if (letter.source === 'S' && reach.wrongAt > end) return reach;
  }
  return end === at ? { wrongAt: at } : { end };
};

/** The forms, by what they hold. */
export const valueForms = {
  guid: inTurn(many(hexDigit, 8, 8), hyphen, four, hyphen, four, hyphen, four, hyphen, many(hexDigit, 12, 12)),
  date,
  instant: inTurn(date, one(/T/i), time, offset),
  time,
  number: (text, at) => {
    const sign = /[+-]/.test(text[at] ?? '') ? 1 : 0;
    return /^(?:INF|NaN)/.test(text.slice(at + sign)) ? { end: at + sign + 3 } : number(text, at);
  },
  duration: inTurn(maybe(one(/[+-]/)), one(/P/i), maybe(units(/D/i)), maybe(inTurn(one(/T/i), clock))),
  boolean: (text, at) => (/t/i.test(text[at] ?? '') ? word('true') : word('false'))(text, at),
  enumeration: (text, at) => {
    const member = /(?:[\p{L}_][\p{L}\p{Nd}_]*|[+-]?\d+)(?:,(?:[\p{L}_][\p{L}\p{Nd}_]*|[+-]?\d+))*/uy;
    member.lastIndex = at;
    const found = member.exec(text);
    return found === null ? { wrongAt: at } : { end: at + found[0].length };
  },
} as const satisfies Record<string, Step>;

/** A kind of value that is written without quotes. */
export type ValueForm = keyof typeof valueForms;

const startsWithDigit = ['guid', 'instant', 'date', 'time', 'number'] as const;
const startsWithLetter = ['guid'] as const;
const wordCharacter = /[\p{L}\p{Nd}_]/u;

/** The value at a place of an expression: the longest form that fits, or where the one that comes furthest does not. */
export function reachOfValue(text: string, at: number): (Reach & { readonly form?: ValueForm }) | undefined {
  const first = text[at] ?? '';
  // A sign before a number is the parser's.
  const isDigit = digit.test(first);
  if (!isDigit && !hexDigit.test(first)) return undefined;
  let longest: { readonly end: number; readonly form: ValueForm } | undefined;
  let wrongAt = at;
  for (const form of isDigit ? startsWithDigit : startsWithLetter) {
    const reach = valueForms[form](text, at);
    if ('wrongAt' in reach) wrongAt = Math.max(wrongAt, reach.wrongAt);
    else if (longest === undefined || reach.end > longest.end) longest = { end: reach.end, form };
  }
  const next = longest === undefined ? '' : String.fromCodePoint(text.codePointAt(longest.end) ?? 0x20);
  if (longest !== undefined && !wordCharacter.test(next) && wrongAt < longest.end + 2) return longest;
  return isDigit ? { wrongAt: Math.max(wrongAt, longest?.end ?? at) } : undefined;
}
