import type { DirectoryChange } from '@cosell/server';

/** Makes a change of the directory, and says what was done. */
export type Change = (wanted: DirectoryChange) => Promise<void>;
