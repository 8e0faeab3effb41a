import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openExchange, readConfig, surroundings } from '@cosell/server';
import { loadExchange } from '@cosell/server/domain/load-exchange';
import { readSampleExchange } from '@cosell/server/sample-exchange';
import type { TestProject } from 'vitest/node';
import findPostgres, { addressOf, onServer } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder with the sample exchange, to be copied. */
    sampleFolder: string;
    /** A database with the sample exchange, to be copied. */
    sampleDatabase: string;
  }
}

/**
 * Before the run: a PostgreSQL where there is one, and on each engine the sample exchange with its key, of which a copy is
 * there in a tenth of the time.
 */
export default async function prepareRun(project: TestProject): Promise<() => Promise<void>> {
  const { url, template, stop } = await findPostgres(project);
  const folder = mkdtempSync(join(tmpdir(), 'cosell-sample-'));
  const dataDir = join(folder, 'data');
  await loadSample({ dataDir, databaseUrl: undefined });
  project.provide('sampleFolder', dataDir);
  const database = `${template}_sample`;
  if (url !== '') {
    await onServer(url, `create database ${database} template ${template}`);
    await loadSample({ dataDir: '', databaseUrl: addressOf(url, database) });
  }
  project.provide('sampleDatabase', database);
  return async () => {
    rmSync(folder, { recursive: true, force: true });
    if (url !== '') await onServer(url, `drop database if exists ${database} with (force)`);
    await stop();
  };
}

async function loadSample(at: { readonly dataDir: string; readonly databaseUrl: string | undefined }): Promise<void> {
  const exchange = await openExchange({ ...readConfig({}), ...at }, 'test', surroundings);
  if ('holder' in exchange) throw new Error('a new place is in use');
  await exchange.store.transact(loadExchange, { name: 'sample', contents: readSampleExchange() });
  await exchange.close();
}
