import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/postgres-server.ts'],
    // The packages are tested as they ship: built, and loaded by Node itself.
    server: { deps: { external: [/packages\/\w+\/dist\//] } },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
