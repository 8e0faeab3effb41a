import { failure } from '@cosell/model';

/**
 * Picks the media type to answer with, the first of `offered` when nothing is asked, or only one of `tolerated`.
 * Parameters, repeats and `text/json` are tolerated, as real clients send them (decision 23); a type with `q=0` is
 * refused (RFC 9110, 12.5.1).
 *
 * @throws Failure `notAcceptable`
 */
export function chooseMediaType(
  accept: string | undefined,
  offered: readonly string[],
  tolerated: readonly string[] = [],
): string {
  const [first = ''] = offered;
  if (accept === undefined || accept === '*/*' || accept === first) return first;
  const asked = accept
    .split(',')
    .map(parseRange)
    .filter(({ type }) => type !== '');
  if (asked.length === 0) return first;
  let best: { type: string; quality: number } | undefined;
  for (const type of offered) {
    const quality = qualityOf(type, asked);
    if (quality > (best?.quality ?? 0)) best = { type, quality };
  }
  if (best === undefined && tolerated.some((type) => qualityOf(type, asked) > 0)) return first;
  if (best === undefined) throw failure('notAcceptable', { accept, offered: offered.join(', ') });
  return best.type;
}

/**
 * Leaves out of what is offered the types that came with OData 4.01, for a client that says `OData-MaxVersion: 4.0` and
 * takes another one: Excel asks for `$metadata` with the `Accept` of its lists, where JSON comes first, and reads XML only.
 */
export function offersTo(
  { accept, maxVersion }: { readonly accept: string | undefined; readonly maxVersion: string | undefined },
  { offers, newIn401 = [] }: { readonly offers: readonly string[]; readonly newIn401?: readonly string[] | undefined },
): readonly string[] {
  if (newIn401.length === 0 || accept === undefined || maxVersion?.trim() !== '4.0') return offers;
  const asked = accept.split(',').map(parseRange);
  const older = offers.filter((type) => !newIn401.includes(type) && qualityOf(type, asked) > 0);
  return older.length > 0 ? older : offers;
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => /^q\s*=/.test(parameter))?.split('=')[1];
  return {
    type: type === 'text/json' ? 'application/json' : type,
    quality: quality === undefined ? 1 : Number(quality),
  };
}

/** The most exact range that covers a type decides. */
function qualityOf(type: string, asked: readonly Range[]): number {
  const family = `${type.split('/')[0]}/*`;
  for (const form of [type, family, '*/*']) {
    const ranges = asked.filter((range) => range.type === form);
    if (ranges.length > 0) return Math.max(...ranges.map(({ quality }) => (Number.isNaN(quality) ? 0 : quality)));
  }
  return 0;
}
