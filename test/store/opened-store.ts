import type { ImportOutcome, Store } from '@cosell/server';
import { importReferrals } from '@cosell/server/domain/import-referrals';
import type { Sql } from '@cosell/server/store/sql';
import { afterAll, beforeAll } from 'vitest';
import { captureText } from '../support/captures.ts';
import { type Engine, openAt, type Place } from '../support/engines.ts';
import { type Row, rowsOf } from './rows-of.ts';

/** A store for the tests of one `describe`. */
export interface OpenedStore {
  readonly store: Store;
  readonly place: Place;
  /** Rows of the database, seen from outside. */
  rows(statement: string | Sql): Promise<Row[]>;
  /** Imports captured referrals, given as text or as members. */
  import(...captures: readonly (string | Readonly<Record<string, unknown>>)[]): Promise<readonly ImportOutcome[]>;
  /** The owner's document, or what another organisation reads, as a value. */
  read(organizationId: string, id: string): Promise<Record<string, unknown> | undefined>;
  /** Closes the store and opens it again. */
  reopen(): Promise<void>;
}

/** Opens a new store before the tests of a `describe` and removes it behind them. */
export function openStoreFor(engine: Engine): OpenedStore {
  let place: Place;
  let exchange: Awaited<ReturnType<typeof openAt>>;
  beforeAll(async () => {
    place = await engine.makePlace();
    exchange = await openAt(place);
  });
  afterAll(async () => {
    await exchange.close();
    await place.remove();
  });
  return {
    get store() {
      return exchange.store;
    },
    get place() {
      return place;
    },
    rows: (statement) => rowsOf(place, statement),
    async import(...captures) {
      const texts = captures.map((capture) => (typeof capture === 'string' ? capture : captureText(capture)));
      return (await exchange.store.transact(importReferrals, { texts })).outcomes;
    },
    async read(organizationId, id) {
      const { store } = exchange;
      const found = (await store.findReferral(organizationId, id)) ?? (await store.findView(organizationId, id));
      return found && (JSON.parse(found.document) as Record<string, unknown>);
    },
    async reopen() {
      await exchange.close();
      exchange = await openAt(place);
    },
  };
}
