import { statSync } from 'node:fs';

/**
 * Which file stands under a name, as text; undefined where there is none. An open database goes on in a file that was
 * moved or removed under it, and what is written then is lost with it.
 */
export function fileIdentity(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && `${found.dev} ${found.ino}`;
}
