import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { failures } from '@cosell/model';
import { routes, settings } from '@cosell/server';
import { describe, expect, it } from 'vitest';
import { generatedDocuments } from '../../scripts/documents.js';
import { listFiles, readText, root } from './source-files.ts';

describe('generated files', () => {
  it.each(Object.entries(generatedDocuments()))('%s is what the tables say', (path, text) => {
    expect(readText(path) === text, 'run: npm run gen').toBe(true);
  });
});

describe('tables', () => {
  const files = listFiles();
  const codeBut = (...tables: string[]) =>
    files
      .filter((path) => /^packages\/\w+\/src\/.*\.ts$/.test(path) && !tables.some((table) => path.endsWith(table)))
      .map(readText)
      .join('\n');

  it('have no failure that is never thrown', () => {
    const code = codeBut('model/src/failures.ts');
    expect(Object.keys(failures).filter((kind) => !code.includes(`failure('${kind}'`))).toEqual([]);
  });

  it('have no setting that is never read', () => {
    const code = codeBut('server/src/config.ts');
    expect(Object.keys(settings).filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
  });

  it('have no route without an example in the tests', () => {
    const tests = files
      .filter((path) => path.startsWith('test/feature/'))
      .map(readText)
      .join('\n');
    const unproved = routes.flatMap((route) => route.paths).filter((path) => !tests.includes(path.replace(/\{.*/, '')));
    expect(unproved).toEqual([]);
  });

  it('have no two routes for one method of one path', () => {
    const places = routes.flatMap(({ method, paths }) => paths.map((path) => `${method} ${path}`));
    expect(new Set(places).size).toBe(places.length);
  });

  it('list every command, so that the writer finds it', () => {
    const list = readText('packages/server/src/domain/commands.ts');
    const declared = files
      .filter((path) => path.startsWith('packages/server/src/domain/'))
      .flatMap((path) => [...readText(path).matchAll(/^export const (\w+): Command</gm)].map(([, name]) => name ?? ''));
    expect(declared.length).toBeGreaterThan(8);
    expect(declared.filter((name) => !list.includes(`  ${name},`))).toEqual([]);
  });
});

describe('documentation', () => {
  const pages = listFiles().filter((path) => path.endsWith('.md'));

  it('links only to what is there', () => {
    const broken = pages.flatMap((page) => {
      const links = [...readText(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)].map((match) => match[1] ?? '');
      return links.filter((link) => !existsSync(join(root, dirname(page), link))).map((link) => `${page}: ${link}`);
    });
    expect(broken).toEqual([]);
  });

  it('names for each of the ten OWASP risks what shows that it is met', () => {
    const [, ...risks] = readText('docs/security.md').split(/^## /m);
    expect(risks.map((risk) => risk.split(' ')[0])).toEqual(Array.from({ length: 10 }, (_, at) => `API${at + 1}`));
    for (const risk of risks) {
      const tests = [...risk.matchAll(/\]\(\.\.\/(test\/[^)]+\.test\.ts)\)/g)].map(([, path]) => path ?? '');
      expect(tests.length, risk).toBeGreaterThan(0);
      expect(tests.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    }
  });

  it('has a place in the code map for every room', () => {
    const map = readText('ARCHITECTURE.md');
    const rooms = new Set(
      listFiles()
        .filter((path) => /^packages\/\w+\/src\//.test(path))
        .map((path) => path.replace(/\/[^/]+$/, '')),
    );
    expect([...rooms].filter((room) => !map.includes(room))).toEqual([]);
  });
});
