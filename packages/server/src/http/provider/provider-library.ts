import type { AsyncLocalStorage } from 'node:async_hooks';

/** The library of the built-in provider: a certified one, so that nothing of OAuth's fine print is written here. */
export type ProviderLibrary = typeof import('oidc-provider');

let loading: Promise<ProviderLibrary> | undefined;
let context: AsyncLocalStorage<unknown> | undefined;

/** Where the library keeps which request it is answering; it has no types. */
const contextModule: string = 'oidc-provider/lib/helpers/als.js';

/** Loads the library when it is first needed: neither the start nor the command line wait for it. */
export function loadProviderLibrary(): Promise<ProviderLibrary> {
  loading ??= loadQuietly();
  return loading;
}

/**
 * Loads it without the notice that it prints for a runtime that it does not test itself. Ours do: every flow is tested on
 * each runtime that is supported here.
 */
async function loadQuietly(): Promise<ProviderLibrary> {
  const { warn } = console;
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).includes('Unsupported runtime')) warn.apply(console, words);
  };
  try {
    context = ((await import(contextModule)) as { readonly default: AsyncLocalStorage<unknown> }).default;
    return await import('oidc-provider');
  } finally {
    console.warn = warn;
  }
}

/**
 * The library keeps which request it is answering in an `AsyncLocalStorage`. Once that is in use, Node 20 and 22 follow every
 * promise of the process, and every request is dearer; so it is left when the last of the library's requests is answered.
 * `npm run bench -- by-id` measures a server whose provider was asked.
 */
export function leaveContext(): void {
  context?.disable();
}
