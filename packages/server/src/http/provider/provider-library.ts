/** The library of the built-in provider: a certified one, so that nothing of OAuth's fine print is written here. */
export type ProviderLibrary = typeof import('oidc-provider');

let loading: Promise<ProviderLibrary> | undefined;

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
    return await import('oidc-provider');
  } finally {
    console.warn = warn;
  }
}
