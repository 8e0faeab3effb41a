import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readText, root } from '../guard/source-files.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const run = promisify(execFile);

/** The examples of docs/clients.md by the client that they are for, and what they say that they print. */
const examples = readText('docs/clients.md')
  .split(/^## /m)
  .flatMap((section) => {
    const [, language, code = ''] = /```(js|ts)\n([\s\S]*?)```/.exec(section) ?? [];
    if (language === undefined) return [];
    const prints = [...code.matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);
    return [{ client: section.split('\n')[0] ?? '', language, code, prints }];
  });

describeOnSqlite('the examples of docs/clients.md', (engine) => {
  let server: TestServer;
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  beforeAll(async () => {
    // Beside the installed packages, so that the examples find them by name.
    folder = mkdtempSync(join(root, 'node_modules', '.clients-'));
    server = await startTestServer(engine);
    const { PATH, HOME, TMPDIR } = process.env;
    const COSELL_TOKEN = await server.tokenOf(users.admin);
    environment = { PATH, HOME, TMPDIR, COSELL_API: `${server.origin}/v1.0/engagements`, COSELL_TOKEN };
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server.close();
  });
  const start = async (...args: string[]) => {
    const ended = await run(process.execPath, args, { cwd: folder, env: environment }).catch((error: unknown) => {
      // The compiler says what is wrong where the result is expected.
      throw new Error((error as { stdout: string }).stdout, { cause: error });
    });
    return ended.stdout.trimEnd().split('\n');
  };

  it('are those of five clients, and each prints something', () => {
    expect(examples.map(({ client }) => client)).toEqual([
      'odata-query',
      '@odata/client',
      'o.js (odata)',
      'dynamics-web-api',
      'odata2ts',
    ]);
    for (const { prints } of examples) expect(prints.length).toBeGreaterThanOrEqual(3);
  });

  it.each(examples.filter(({ language }) => language === 'js'))(
    'let $client list, filter, page, read and change, and print what the page says',
    async ({ code, prints }) => {
      writeFileSync(join(folder, 'example.mjs'), code);
      expect(await start('example.mjs')).toEqual(prints);
    },
  );

  it.each(examples.filter(({ language }) => language === 'ts'))(
    'let $client generate its types from $$metadata, compile strictly and do the same',
    { timeout: 120_000 },
    async ({ code, prints }) => {
      const metadata = await server.ask('/v1.0/engagements/$metadata');
      expect(metadata.status).toBe(200);
      writeFileSync(join(folder, 'metadata.xml'), metadata.text);
      // What is generated imports as CommonJS does, without the ends of names.
      writeFileSync(join(folder, 'package.json'), '{}');
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { strict: true } }));
      writeFileSync(join(folder, 'example.ts'), code);
      const options = '--source metadata.xml --output generated --mode all --emit-mode ts --service-name Cosell';
      expect(readText('docs/clients.md')).toContain(`npx odata2ts ${options}`);
      const generator = join(root, 'node_modules/@odata2ts/odata2ts/lib/run-cli.js');
      await start('--require', join(root, 'test/support/odata2ts.cjs'), generator, ...options.split(' '));
      const compiler = join(root, 'node_modules/typescript/bin/tsc');
      const settings = '--ignoreConfig --strict --skipLibCheck --module nodenext --target es2022 --types node';
      // All named: what is only imported from below node_modules is not compiled.
      const generated = ['CosellService', 'CosellModel', 'QCosell'].map((name) => `generated/${name}.ts`);
      await start(compiler, ...settings.split(' '), 'example.ts', ...generated);
      expect(await start('example.js')).toEqual(prints);
    },
  );
});
