import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Exchange, openExchange, readConfig, surroundings } from '@cosell/server';
import { describe, inject } from 'vitest';
import { addressOf, onServer } from './postgres-server.ts';

/** A place where an exchange can be opened, closed and opened again. */
export interface Place {
  /** What `openExchange` needs to find it. */
  readonly at: { readonly dataDir: string; readonly databaseUrl: string | undefined };
  remove(): Promise<void>;
}

/** One of the two engines. */
export interface Engine {
  readonly name: 'SQLite' | 'PostgreSQL';
  /** Nobody has opened an exchange there. On PostgreSQL the schema is there already; a migration would make it again. */
  makePlace(): Promise<Place>;
  /** The sample exchange is there, with a key of the whole run's. */
  makeSamplePlace(): Promise<Place>;
  /** There is nothing at all. */
  makeEmptyPlace(): Promise<Place>;
}

async function makeFolder(): Promise<Place> {
  const dataDir = mkdtempSync(join(tmpdir(), 'cosell-test-'));
  return {
    at: { dataDir, databaseUrl: undefined },
    remove: async () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

const sqlite: Engine = {
  name: 'SQLite',
  makePlace: makeFolder,
  makeEmptyPlace: makeFolder,
  async makeSamplePlace() {
    const place = await makeFolder();
    cpSync(inject('sampleFolder'), place.at.dataDir, { recursive: true });
    return place;
  },
};

function postgres(url: string): Engine {
  const makeFrom = async (template: string): Promise<Place> => {
    const name = `cosell_${randomUUID().replaceAll('-', '')}`;
    await onServer(url, `create database ${name} template ${template}`);
    return {
      at: { dataDir: '', databaseUrl: addressOf(url, name) },
      remove: () => onServer(url, `drop database if exists ${name} with (force)`),
    };
  };
  return {
    name: 'PostgreSQL',
    makePlace: () => makeFrom(inject('postgresTemplate')),
    makeEmptyPlace: () => makeFrom('template0'),
    makeSamplePlace: () => makeFrom(inject('sampleDatabase')),
  };
}

/** The engines of this run: SQLite always, PostgreSQL where one was found. */
export function availableEngines(): Engine[] {
  const url = inject('postgresUrl');
  return url === '' ? [sqlite] : [sqlite, postgres(url)];
}

/** Runs the same tests on each engine. */
export function describeOnEachEngine(title: string, tests: (engine: Engine) => void): void {
  for (const engine of availableEngines()) describe(`${title} (${engine.name})`, () => tests(engine));
}

/** Opens the exchange of a place, which nobody else holds, with settings other than where it is. */
export async function openAt(place: Place, config = readConfig({})): Promise<Exchange> {
  const exchange = await openExchange({ ...config, ...place.at }, 'test', surroundings);
  if ('holder' in exchange) throw new Error('the place is in use');
  return exchange;
}
