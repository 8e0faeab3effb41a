import { defineConfig } from 'vitest/config';

/**
 * What a test loads itself comes as modules, some of which it loads one by one; a process that it starts is as it ships. The
 * condition is told to both that look for modules, Vite and Node.
 */
const condition = 'unbundled';

export default defineConfig({
  ssr: {
    resolve: { conditions: [condition, 'module', 'node', 'development|production'], externalConditions: [condition] },
  },
  test: {
    execArgv: [`--conditions=${condition}`],
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/sample-template.ts'],
    // The packages are built, and loaded by Node itself.
    server: { deps: { external: [/packages\/\w+\/dist\//] } },
    // Two files at a time: three are no faster on two processors.
    maxWorkers: 2,
    // One process runs many files, so that the server is loaded once and not a hundred times. No file changes what another
    // one finds: each has its own data folders, databases and ports.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
