import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/sample-template.ts'],
    // The packages are tested as they ship: built, and loaded by Node itself.
    server: { deps: { external: [/packages\/\w+\/dist\//] } },
    // Three files at a time on two processors: much of their time they wait for servers and commands that they have started.
    maxWorkers: 3,
    // One process runs many files, so that the server is loaded once and not a hundred times. No file changes what another
    // one finds: each has its own data folders, databases and ports.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
