import { describe, expect, it } from 'vitest';
import { importsOf, listSources, readText } from './source-files.ts';

/** What each package may import of ours (architecture, section 1). Others are reached by their index only. */
const packages: Readonly<Record<string, readonly string[]>> = {
  odata: [],
  model: ['@cosell/odata'],
  server: ['@cosell/odata', '@cosell/model'],
  client: ['@cosell/odata', '@cosell/model'],
  cli: ['@cosell/odata', '@cosell/model', '@cosell/server', '@cosell/client'],
};

/** The rooms of the server, the lowest first: a room may import itself and those below it. */
const floors: readonly (readonly string[])[] = [
  ['store', 'observations', 'log', 'config', 'trusted-issuers', 'package-files'],
  ['domain', 'surroundings', 'certificates'],
  ['identity', 'metrics', 'clockwork', 'archive'],
  [
    'http',
    'operations',
    'sample-exchange',
    'exchange-data',
    'open-exchange',
    'writer-thread',
    'reader-thread',
    'check-process',
  ],
  ['workers', 'application'],
  ['listening'],
  ['app'],
  ['index', 'worker-process'],
];

const rooms = 'packages/server/src/';

/** The room of a file of the server: its folder, or its own name at the top. */
function roomOf(path: string): string {
  return path.slice(rooms.length).split('/')[0]?.replace(/\.ts$/, '') ?? '';
}

function floorOf(room: string): number {
  return floors.findIndex((names) => names.includes(room));
}

describe('arrows point down', () => {
  const sources = listSources();

  it('between packages', () => {
    const wrong = sources.flatMap((path) => {
      const allowed = packages[path.split('/')[1] ?? ''] ?? [];
      const ours = importsOf(path).filter((name) => name.startsWith('@cosell/'));
      return ours.filter((name) => !allowed.includes(name)).map((name) => `${path} imports ${name}`);
    });
    expect(wrong).toEqual([]);
  });

  it('between the rooms of the server', () => {
    const own = sources.filter((path) => path.startsWith(rooms));
    expect(own.map(roomOf).filter((room) => floorOf(room) < 0)).toEqual([]);
    const wrong = own.flatMap((path) => {
      const others = importsOf(path).filter((name) => name.startsWith(rooms) && roomOf(name) !== roomOf(path));
      // The ground floor is one: settings, log, store and the places of files may know each other.
      const up = others.filter((name) => floorOf(roomOf(name)) >= Math.max(floorOf(roomOf(path)), 1));
      return up.map((name) => `${path} imports ${name}`);
    });
    expect(wrong).toEqual([]);
  });

  it('with the domain knowing the contract of the store and no engine', () => {
    const domain = sources.filter((path) => path.startsWith(`${rooms}domain/`));
    const engines = domain
      .flatMap(importsOf)
      .filter((name) => /store\/(sqlite|postgres)\//.test(name) || name === 'pg');
    expect(domain.length).toBeGreaterThan(5);
    expect(engines).toEqual([]);
  });

  it('with the OData package importing nothing and knowing no referral', () => {
    const odata = sources.filter((path) => path.startsWith('packages/odata/'));
    expect(odata.length).toBeGreaterThan(3);
    expect(odata.flatMap(importsOf).filter((name) => !name.startsWith('packages/odata/'))).toEqual([]);
  });

  it('with the client needing nothing when it runs, so that a browser can have it', () => {
    const client = sources.filter((path) => path.startsWith('packages/client/'));
    const needed = client.flatMap((path) =>
      [...readText(path).matchAll(/^(?:import|export) (?!type )[^;]*from '([^.'][^']*)'/gm)].map((match) => match[1]),
    );
    expect(client.length).toBeGreaterThan(3);
    expect(needed).toEqual([]);
  });
});
