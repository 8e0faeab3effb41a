import { InvalidArgumentError } from 'commander';

/** Reads the name of a file: a variable of a script that is not set is none. */
export function readFileName(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty. Give the name of a file.');
  return text;
}
