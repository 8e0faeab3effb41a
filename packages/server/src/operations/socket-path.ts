import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { StartupProblem } from '../store/startup-problem.ts';

/** Bytes that the address of a Unix socket may have on every system (104 on macOS, with the closing zero). */
const longestPath = 100;

/**
 * Where the socket of a data folder is: in the folder, or, where its path would be too long for a socket, in a folder
 * of this user's own below the temporary one.
 */
export function socketPathOf(dataDir: string): string {
  // One folder has one socket, by whichever of its names it is called.
  const folder = existsSync(dataDir) ? realpathSync(dataDir) : resolve(dataDir);
  const key = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\cosell-${key}`;
  const path = join(folder, 'socket');
  if (Buffer.byteLength(path) <= longestPath) return path;
  const own = join(tmpdir(), `cosell-${userInfo().uid}`);
  mkdirSync(own, { recursive: true, mode: 0o700 });
  const { mode, uid } = lstatSync(own);
  // Somebody else's folder could hold somebody else's socket.
  if (uid !== userInfo().uid || (mode & 0o077) !== 0) {
    throw new StartupProblem(
      `The folder ${own} belongs to others, or others may write to it. Remove it, or use a shorter DATA_DIR.`,
    );
  }
  const ownPath = join(own, key);
  if (Buffer.byteLength(ownPath) <= longestPath) return ownPath;
  throw new StartupProblem(
    `No socket can have so long a path as ${ownPath}. Use a shorter DATA_DIR, or a shorter TMPDIR.`,
  );
}
