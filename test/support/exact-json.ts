/** JSON read so that no digit is lost: each number becomes the text of its exact value. */

const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** A number as `#<digits>e<exponent>` without trailing zeros, so that equal values are equal texts. */
export function exactNumber(text: string): string {
  const [, sign = '', whole = '', part = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = (whole + part).replace(/^0+/, '');
  const kept = all.replace(/0+$/, '');
  if (kept === '') return '#0';
  return `#${sign}${kept}e${Number(exponent) - part.length + all.length - kept.length}`;
}

/** Like `JSON.parse`, with numbers as `exactNumber` and with `__proto__` as a member like any other. */
export function exactJson(text: string): unknown {
  return JSON.parse(
    text.replace(tokens, (token) => (token.startsWith('"') ? token : JSON.stringify(exactNumber(token)))),
  );
}
