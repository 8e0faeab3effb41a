import { Failure, failure } from '@cosell/model';
import { StartupProblem } from '../startup-problem.ts';

/** Result codes of SQLite that speak of the file: busy, read-only, I/O, damaged, full, cannot open, no database. */
const codesOfTheFile = new Set([5, 8, 10, 11, 13, 14, 26]);

/** Whether an error speaks of the database file or the disk, not of the statement. */
export function isFileTrouble(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (typeof errcode === 'number') return codesOfTheFile.has(errcode & 0xff);
  // `all` of @photostructure/sqlite gives the text without the number.
  return (
    code === 'ERR_SQLITE_ERROR' && /malformed|not a database|I\/O|readonly|full|unable to open/.test(error.message)
  );
}

/** Whether an error says that what stands in the file cannot be right. */
export function isDamage(error: unknown): error is Error {
  return isFileTrouble(error) && /malformed|not a database/.test(error.message);
}

/** What is wrong with a database file, in one line for the operator. Any other fault is given back as it is. */
export function unusableDatabase(path: string, error: unknown): unknown {
  // A read has turned it into what a request is told.
  const trouble = error instanceof Failure ? error.cause : error;
  if (!isFileTrouble(trouble)) return error;
  const text = `The database ${path} cannot be used: ${trouble.message}. Mend it, or restore it from a backup.`;
  return new StartupProblem(text, { cause: trouble });
}

/** What a request is told when the file fails under it. Any other fault is given back as it is. */
export function unavailableFile(error: unknown): unknown {
  return isFileTrouble(error) ? failure('storeUnavailable', {}, { cause: error }) : error;
}
