import { StartupProblem } from '@cosell/server';
import type { Captured } from './captured.ts';
import { RecordSplitter } from './captured-records.ts';
import type { InputFile } from './input-file.ts';

/**
 * Reads captured referrals. Calls back for each record or fault, and with the bytes read so far.
 *
 * @throws StartupProblem where the file is not text
 */
export async function readCaptures(
  file: InputFile,
  onCaptured: (captured: Captured) => Promise<void> | void,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const splitter = new RecordSplitter();
  const decode = strictDecoder(file.name, () => splitter.line);
  const take = async (captured: readonly Captured[]) => {
    for (const one of captured) await onCaptured(one);
  };
  let bytes = 0;
  for await (const piece of file.pieces()) {
    bytes += piece.length;
    await take(splitter.push(decode(piece)));
    onBytes(bytes);
  }
  await take(splitter.push(decode()));
  await take(splitter.end());
}

/** Reads UTF-8 in pieces, a byte order mark or none before it. `lineOf` gives the line at which a piece begins. */
function strictDecoder(name: string, lineOf: () => number): (chunk?: Buffer) => string {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const refuse = (before: string) => {
    const line = lineOf() + before.split('\n').length - 1;
    return new StartupProblem(`${name}:${line}: This is not UTF-8. Save the file as UTF-8 and import it again.`);
  };
  return (chunk) => {
    let text: string;
    try {
      text = decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      const marked = wholeCharacters(chunk ?? Buffer.alloc(0)).toString();
      throw refuse(marked.slice(0, Math.max(marked.indexOf('\uFFFD'), 0)));
    }
    // JSON has no zero in it, and UTF-16 is full of them.
    const zero = text.indexOf('\0');
    if (zero >= 0) throw refuse(text.slice(0, zero));
    return text;
  };
}

/** Without the rest of a character that began in the piece before. */
function wholeCharacters(chunk: Buffer): Buffer {
  let at = 0;
  while (at < 3 && ((chunk[at] ?? 0) & 0xc0) === 0x80) at += 1;
  return chunk.subarray(at);
}
