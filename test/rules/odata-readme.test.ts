import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readText, root } from '../guard/source-files.ts';

let folder: string;
beforeAll(() => {
  // Beside the installed packages, so that examples find them by name.
  folder = mkdtempSync(join(root, 'node_modules', '.readme-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('the examples of the OData package compile and print what they say', { timeout: 60_000 }, () => {
  const blocks = readText('packages/odata/README.md').matchAll(/```ts\n([\s\S]*?)```/g);
  const code = [...blocks].map(([, block = '']) => block).join('\n');
  const wanted = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);
  const shown = code.replace(/^console\.log\((.*)\); \/\//gm, 'show($1); //');
  const show =
    "const show = (value: unknown) => console.log(typeof value === 'string' ? value : JSON.stringify(value));\n";
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'example.ts'), show + shown);
  const settings = [
    '--ignoreConfig',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--skipLibCheck',
    '--types',
    'node',
  ];
  execFileSync(join(root, 'node_modules/.bin/tsc'), [...settings, join(folder, 'example.ts')], { encoding: 'utf8' });
  const printed = execFileSync(process.execPath, [join(folder, 'example.js')], { encoding: 'utf8' });
  expect(printed.trimEnd().split('\n')).toEqual(wanted);
  expect(wanted.length).toBeGreaterThan(6);
});
