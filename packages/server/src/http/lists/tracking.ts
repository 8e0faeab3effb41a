import { failure } from '@cosell/model';
import { type Expression, parseFilter } from '@cosell/odata';
import type { Preferences } from '../prefer.ts';
import { collectionPath } from '../referrals.ts';
import { type DeltaPosition, formatDeltaToken } from './delta-token.ts';
import type { TokenHolder } from './signed-text.ts';

type Options = Readonly<Record<string, string>>;

/** Options that the first list alone has: what has changed comes in its own order, and is not counted. */
const ofTheList: ReadonlySet<string> = new Set(['$orderby', '$count', '$format', '$deltatoken', '$skiptoken']);

/** Options that a delta has, too. */
const ofTheDelta: ReadonlySet<string> = new Set(['$filter', '$select']);

/** The preference by which a client asks to be told of changes later (OData 4.01, section 8.2.8.7), as it was written. */
export function readTracking(preferences: Preferences): string | undefined {
  return ['odata.track-changes', 'track-changes'].find((name) => preferences.has(name));
}

/**
 * The options that a delta link carries on.
 *
 * @throws Failure `notTracked` where changes cannot be told for such a list, `expressionNotImplemented` for `now()`
 */
export function trackedOptions(options: Options): Options {
  const carried: Record<string, string> = {};
  for (const [option, value] of Object.entries(options)) {
    if (ofTheList.has(option)) continue;
    if (!ofTheDelta.has(option) && !option.startsWith('@')) throw failure('notTracked', { option });
    if (option !== '$select') refuseTime(option, value);
    carried[option] = value;
  }
  return carried;
}

/** Writes the link that is followed to hear what has changed since a state. */
export function deltaLink(
  position: Omit<DeltaPosition, 'place'>,
  origin: string,
  holder: TokenHolder,
  key: string,
): string {
  return `${origin}${collectionPath}?$deltatoken=${formatDeltaToken({ ...position, place: null }, holder, key)}`;
}

/** Where a client begins again: the list, as it was asked for. */
export function beginning({ options }: { readonly options: Options }, origin: string): string {
  const query = Object.entries(options).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${origin}${collectionPath}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

/** What holds today and not tomorrow changes without a change of any referral, and the log knows nothing of it. */
function refuseTime(option: string, text: string): void {
  const expression = parseFilter(text);
  // Somebody else says what is wrong with it.
  const position =
    expression.kind === 'malformed' || expression.kind === 'tooLarge' ? undefined : placeOfNow(expression);
  if (position === undefined) return;
  const what = 'now() in a list whose changes are to be tracked';
  throw failure('expressionNotImplemented', { option, position: String(position), what });
}

function placeOfNow(expression: Expression): number | undefined {
  switch (expression.kind) {
    case 'binary':
      return placeOfNow(expression.left) ?? placeOfNow(expression.right);
    case 'unary':
      return placeOfNow(expression.operand);
    case 'lambda':
      return placeOfNow(expression.collection) ?? (expression.condition && placeOfNow(expression.condition));
    case 'path':
      for (const { name, position, arguments: given } of expression.segments) {
        if (given === undefined) continue;
        if (name.toLowerCase() === 'now') return position;
        for (const argument of given) {
          const place = placeOfNow(argument);
          if (place !== undefined) return place;
        }
      }
      return undefined;
    default:
      return undefined;
  }
}
