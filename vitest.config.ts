import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/postgres-server.ts'],
    // The packages are tested as they ship: built, and loaded by Node itself.
    server: { deps: { external: [/packages\/\w+\/dist\//] } },
    // Two files at a time: much of their time they wait for servers and commands that they have started.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
