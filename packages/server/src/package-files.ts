/**
 * A file of this package beside its code. This module stands in `src` itself, because what is built of it stands one folder
 * below the package both as a module and in the bundle.
 *
 * @param path as it is from the package's folder
 */
export function packageFile(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}

/** What a thread or a process of its own runs: one of the package's entries, with all its modules in few files. */
export function bundled(entry: 'writer-thread' | 'reader-thread' | 'check-process' | 'worker-process'): URL {
  return packageFile(`bundle/${entry}.js`);
}
