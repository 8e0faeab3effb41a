import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** The codings that answers are compressed by, the one that is taken when a client likes both alike first. */
const codings = ['br', 'gzip'] as const;

/** A content coding by its name in `Content-Encoding` (RFC 9110, section 8.4.1). */
export type ContentCoding = (typeof codings)[number];

/** Compresses the text of an answer. */
export type Compress = (text: string, coding: ContentCoding) => Promise<Buffer>;

/** Bytes below which an answer stays as it is: it fits into one packet of a network, compressed or not. */
export const leastCompressed = 1_400;

/**
 * Which coding a client likes best, by its `Accept-Encoding` (RFC 9110, section 12.5.3); undefined for none of them.
 * Nobody is refused: a client that wants neither these nor the text as it is gets the text.
 */
export function chooseCoding(acceptEncoding: string | undefined): ContentCoding | undefined {
  if (acceptEncoding === undefined || acceptEncoding === '') return undefined;
  const liked = new Map<string, number>();
  for (const item of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => /^q\s*=/.test(parameter))?.replace(/^q\s*=\s*/, '');
    const quality = weight === undefined ? 1 : /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight) : 0;
    liked.set(name === 'x-gzip' ? 'gzip' : name, quality);
  }
  const likingOf = (name: string) => liked.get(name) ?? liked.get('*') ?? 0;
  // The text itself is as welcome as the least of them, unless it is named.
  const plain = liked.get('identity') ?? 0;
  let best: ContentCoding | undefined;
  for (const coding of codings) {
    if (likingOf(coding) > (best === undefined ? 0 : likingOf(best))) best = coding;
  }
  return best !== undefined && likingOf(best) >= plain ? best : undefined;
}

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

/**
 * Compresses what is made for one request, on a thread of libuv's and not on the one that answers. The levels are the
 * ones behind which a page of 100 referrals grows dearer faster than smaller (docs/decisions/0010-compression.md).
 */
export const compressPage: Compress = (text, coding) =>
  coding === 'br' ? brotli(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }) : deflate(text, { level: 4 });

/** Compresses one document that stays what it is: once by each coding, as small as it can be. */
export function compressOnce(): Compress {
  const kept = new Map<ContentCoding, { readonly text: string; readonly made: Promise<Buffer> }>();
  return (text, coding) => {
    const known = kept.get(coding);
    if (known?.text === text) return known.made;
    const made = coding === 'br' ? brotli(text) : deflate(text, { level: constants.Z_BEST_COMPRESSION });
    kept.set(coding, { text, made });
    return made;
  };
}
