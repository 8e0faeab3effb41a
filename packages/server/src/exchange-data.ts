import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type DataFault,
  type RegistrationData,
  type RegistrationFile,
  readRegistrationData,
  registrationFiles,
} from '@cosell/model';
import { packageFile } from './package-files.ts';
import { StartupProblem } from './store/startup-problem.ts';

/**
 * Reads rates, solutions and customers from a folder of the operator, or as they come with the program.
 *
 * @throws StartupProblem that names every fault of every file
 */
export function readExchangeData(folder = shippedFolder): RegistrationData {
  const names = Object.keys(registrationFiles) as RegistrationFile[];
  const read = names.map((file) => [file, readText(join(folder, file))] as const);
  const unreadable = read.flatMap(([file, text]) => (typeof text === 'string' ? [] : [{ file, place: '', ...text }]));
  // A file that cannot be read is told once; the others are looked through all the same.
  const texts = read.map(([file, text]) => [file, typeof text === 'string' ? text : emptyText(file)] as const);
  const reading = readRegistrationData(Object.fromEntries(texts) as Record<RegistrationFile, string>);
  const faults = [...unreadable, ...('faults' in reading ? reading.faults : [])];
  if ('data' in reading && faults.length === 0) return reading.data;
  throw new StartupProblem(`The exchange data in ${folder} cannot be used: ${faults.map(describe).join('; ')}.`);
}

const shippedFolder = fileURLToPath(packageFile('data'));

function readText(path: string): string | { message: string } {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = 'unknown reason' } = error as { code?: string };
    return { message: code === 'ENOENT' ? 'it is missing' : `it cannot be read (${code})` };
  }
}

function emptyText(file: RegistrationFile): string {
  return JSON.stringify({ [registrationFiles[file].list]: [] });
}

function describe({ file, place, message }: DataFault): string {
  return `${file}${place === '' ? '' : ` at ${place}`}: ${message.replace(/\.$/, '')}`;
}
