import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/sample-template.ts'],
    // The packages are tested as they ship: built, and loaded by Node itself.
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
