import { createOperations } from '@cosell/server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chance } from '../crash/chance.ts';
import { DeltaClient } from '../support/delta-client.ts';
import { type Cast, Story, storyFilters } from '../support/delta-story.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { operatorOf, type Party, partyOf } from '../support/parties.ts';
import { users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** A failing run prints its seed; FUZZ_SEED repeats it. */
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const rounds = 12;

/** Somebody who keeps a copy, and whether he has to begin again after what the operator does. */
interface Reader {
  readonly name: string;
  readonly client: DeltaClient;
  readonly needsPast: boolean;
  readonly showsAll: boolean;
  mayBegin: boolean;
}

describeOnEachEngine(`copies that are kept by deltas (seed ${seed})`, (engine) => {
  let server: TestServer;
  let cast: Cast;
  beforeAll(async () => {
    server = await startTestServer(engine, { SANDBOX: 'true' });
    const operations = createOperations(server.exchange.store, server.exchange.issuer, () => server.origin);
    const [operator, admin, member, london, tailspin, seller] = await Promise.all([
      operatorOf(server),
      partyOf(server, users.admin),
      partyOf(server, users.member),
      partyOf(server, users.london),
      partyOf(server, users.tailspin),
      partyOf(server, users.seller),
    ]);
    cast = { operator, operations, admin, member, london, tailspin, seller };
  });
  afterAll(() => server.close());

  /** Everybody with several lists, each with pages of another size. */
  function readersOf(engagementIds: readonly string[]): Reader[] {
    const readers: Reader[] = [];
    const add = (name: keyof typeof users | 'london', options: Readonly<Record<string, string>> = {}) => {
      const party = cast[name as keyof Cast] as Party;
      const isWhole = name !== 'member' && name !== 'london';
      readers.push({
        name: `${name} ${JSON.stringify(options)}`,
        client: new DeltaClient(party, options, [undefined, 1, 3, 7][readers.length % 4]),
        needsPast: !isWhole || options.$filter !== undefined,
        showsAll: options.$select === undefined,
        mayBegin: false,
      });
    };
    for (const name of ['admin', 'member', 'london', 'tailspin', 'seller'] as const) add(name);
    for (const $filter of storyFilters) {
      add('admin', { $filter });
      add('london', { $filter, $select: 'id,name,status' });
    }
    for (const id of engagementIds) {
      const $filter = `engagementId eq '${id}'`;
      for (const name of ['admin', 'member', 'tailspin', 'seller'] as const) add(name, { $filter });
      add('tailspin', { $filter: `${$filter} and status ne 'New' and team/any()` });
    }
    return readers;
  }

  /** What each reader ever had. */
  const had = new Set<string>();

  /** Holds a copy to the list, and what was told to what has happened. */
  async function follow(
    { name, client, showsAll, ...reader }: Reader,
    isQuiet: boolean,
    becameLeads: ReadonlySet<string> = new Set(),
  ): Promise<boolean> {
    const before = client.copy;
    for (const id of Object.keys(before)) had.add(`${name} ${id}`);
    const told = await client.follow();
    if (told === undefined) expect(reader.mayBegin, `${name} has to begin again`).toBe(true);
    if (!isQuiet) return told !== undefined;
    const after = await client.fresh();
    expect(client.copy, name).toEqual(after);
    // Of one that was deleted, imported and deleted again, the log does not keep that it was gone in between.
    for (const { id } of told?.removed ?? []) {
      expect(had.has(`${name} ${id}`) || becameLeads.has(id), `${name} never had ${id}`).toBe(true);
    }
    // Each change makes a new eTag, so that nothing that is told is told for nothing.
    for (const id of (showsAll && told?.shown) || [])
      expect(before[id], `${name} has ${id} already`).not.toBe(after[id]);
    return told !== undefined;
  }

  it('are the lists that they are of, after whatever happened', { timeout: 400_000 }, async () => {
    const chance = new Chance(seed);
    const story = new Story(cast, chance);
    while (story.known.length < 5) await story.act(false);
    const engagements = [...new Set(story.known.map(({ engagementId }) => engagementId))].slice(0, 3);
    const readers = readersOf(engagements);
    for (const { client } of readers) await client.begin();
    const tally = { followed: 0, begun: 0 };
    for (let round = 0; round < rounds; round += 1) {
      for (let acts = chance.between(1, 8); acts > 0; acts -= 1) await story.act();
      if (story.hasForgotten) for (const reader of readers) reader.mayBegin = reader.needsPast || story.hasRetained;
      story.hasForgotten = false;
      const chosen = round === rounds - 1 ? readers : readers.filter(() => chance.between(0, 2) === 0);
      for (const reader of chosen) {
        // Whoever comes into the engagement that he asked for begins again, too.
        const joins = reader.name.startsWith('member') && reader.name.includes('engagementId');
        reader.mayBegin ||= joins;
        if (await follow(reader, true, story.becameLeads)) tally.followed += 1;
        else tally.begun += 1;
        reader.mayBegin = joins;
      }
    }
    // How many have to begin again is the story's; in most of them it is far fewer than half.
    expect(tally.followed, JSON.stringify(tally)).toBeGreaterThan(readers.length / 2);
  });

  it('are the lists that they are of, once all is quiet, while writers were at work', {
    timeout: 400_000,
  }, async () => {
    const story = new Story(cast, new Chance(seed + 1));
    while (story.known.length < 5) await story.act(false);
    const readers = readersOf(story.known.slice(0, 2).map(({ engagementId }) => engagementId));
    for (const reader of readers) reader.mayBegin = reader.name.includes('engagementId');
    let isOver = false;
    const writing = Promise.all(
      [1, 2, 3].map(async (number) => {
        const writer = new Story(cast, new Chance(seed + 10 + number));
        writer.known.push(...story.known);
        for (let acts = 0; acts < 40; acts += 1) await writer.act(false);
      }),
    ).finally(() => {
      isOver = true;
    });
    for (const { client } of readers) await client.begin();
    while (!isOver) for (const reader of readers) await follow(reader, false);
    await writing;
    // One more each, and then nothing is left to tell.
    for (const reader of readers) {
      await reader.client.follow();
      expect(reader.client.copy, reader.name).toEqual(await reader.client.fresh());
      expect(await reader.client.follow(), reader.name).toEqual({ shown: [], removed: [] });
    }
  });
});
