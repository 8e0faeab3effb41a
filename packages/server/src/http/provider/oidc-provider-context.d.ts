/** Where the library keeps which request it is answering; it has no types. */
declare module 'oidc-provider/lib/helpers/als.js' {
  import type { AsyncLocalStorage } from 'node:async_hooks';

  const context: AsyncLocalStorage<unknown>;

  // biome-ignore lint/style/noDefaultExport: it is the library's
  export default context;
}
