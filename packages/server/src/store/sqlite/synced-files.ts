import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Waits until a file is on the disk. */
export function syncFile(path: string): void {
  sync(path, 'r+');
}

/** Waits until the names in a folder are on the disk: a rename is safe only then. */
export function syncFolder(path: string): void {
  // Windows opens no folders, and keeps names safe by itself.
  if (process.platform !== 'win32') sync(path, 'r');
}

function sync(path: string, mode: 'r' | 'r+'): void {
  const file = openSync(path, mode);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
