import { randomUUID } from 'node:crypto';
import { createOperations, type StoreOperations, type SweepProgress } from '@cosell/server';
import { importReferrals } from '@cosell/server/domain/import-referrals';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { everyRowOf, rowsOf } from '../store/rows-of.ts';
import { collection, expectEnvelope } from '../support/answers.ts';
import { runCosellHere } from '../support/cosell-here.ts';
import {
  cleanUp,
  getReferral,
  newFolder,
  runCosell,
  type ServerProcess,
  type Settings,
  startCosell,
} from '../support/cosell-process.ts';
import { sweep } from '../support/delta-story.ts';
import { describeOnEachEngine, type Engine, type Place } from '../support/engines.ts';
import {
  contact,
  deal,
  expectLinear,
  invitation,
  type Operator,
  operatorOf,
  type Party,
  partyOf,
  type Shown,
  setting,
  targeting,
  targets,
} from '../support/parties.ts';
import { ids, organizations, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const wilma = {
  firstName: 'Wilhelmina',
  lastName: 'Quackenbush',
  phoneNumber: '+49 555 0199',
  email: 'Wilma.Q@fabrikam.example',
  title: 'Chief of Looms',
};
const traces = /wilhelmina|quackenbush|555 0199|wilma\.q|\bwilma q\b|chief of looms/i;
const blank = { firstName: null, lastName: null, phoneNumber: null, email: null, title: null };

/** A server on a place that can be looked into, with its operations. */
interface Opened {
  server: TestServer;
  place: Place;
  operations: StoreOperations;
  contoso: Party;
  tailspin: Party;
}

async function open(engine: Engine, environment: Readonly<Record<string, string>> = {}): Promise<Opened> {
  const place = await engine.makeSamplePlace();
  const server = await startTestServer(engine, environment, place);
  const operations = createOperations(server.exchange.store, server.exchange.issuer, () => server.origin);
  const [contoso, tailspin] = await Promise.all([partyOf(server, users.admin), partyOf(server, users.tailspin)]);
  return { server, place, operations, contoso, tailspin };
}

/** The first match of a pattern, which a failing test shows without all the rest. */
function traceIn(text: string, pattern: RegExp): string | undefined {
  return pattern.exec(text)?.[0];
}

/** A deal of Contoso's with Tailspin that both have accepted, so that Tailspin reads its people. */
async function jointDeal({ contoso, tailspin }: Opened, more: Readonly<Record<string, unknown>>): Promise<Shown> {
  const own = await contoso.create(deal(more));
  const theirs = await contoso.create(invitation(own.engagementId, targets.tailspin, { name: 'Looms' }));
  await tailspin.move(theirs.id, 'Active/Accepted');
  return contoso.read(own.id);
}

describeOnEachEngine('erasing a person', (engine) => {
  let opened: Opened;
  let own: Shown;
  let closed: Shown;
  const erase = (email: string, isDryRun = false) =>
    sweep<SweepProgress>((progress) =>
      opened.operations.erasePerson({ email, isDryRun, ...(progress && { progress }) }),
    );

  beforeAll(async () => {
    opened = await open(engine);
    const { contoso, server } = opened;
    const { name: _name, ...address } = { ...wilma, name: '' };
    own = await jointDeal(opened, {
      customerProfile: { ...(deal().customerProfile as object), team: [contact, address] },
      team: [{ ...address, email: address.email.toUpperCase() }],
    });
    await contoso.change(own.id, { '/details/notes': `Ask wilma.q@FABRIKAM.example, not joWilma.Q@fabrikam.example` });
    await contoso.change(own.id, { '/details/dealValue': 7 });
    closed = await contoso.create(deal({ name: 'Closed', team: [address] }));
    await contoso.move(closed.id, 'Closed/Lost', 'No budget');
    const kept = await contoso.patch(own.id, setting({ '/details/dealValue': 8 }), {
      'repeatability-request-id': randomUUID(),
      'repeatability-first-sent': new Date().toUTCString(),
      prefer: 'return=representation',
    });
    expect(kept.text).toContain(wilma.lastName);
    await server.exchange.store.transact(importReferrals, {
      texts: [
        JSON.stringify({
          ...(JSON.parse((await contoso.get(closed.id)).text) as object),
          id: randomUUID(),
          engagementId: randomUUID(),
          crm: { owner: { email: wilma.email, name: `${wilma.firstName} ${wilma.lastName}` } },
        }),
      ],
    });
    own = await contoso.read(own.id);
  });
  afterAll(() => opened.server.close());

  it('first says what it would do, and does nothing', async () => {
    const before = await everyRowOf(opened.place);
    const { counts } = await erase(wilma.email, true);
    expect((await everyRowOf(opened.place)) === before).toBe(true);
    expect(counts).toMatchObject({ documents: 3, people: 5, mentions: 1, views: 1 });
    expect(counts.changes).toBeGreaterThan(5);
    expect(counts.answers).toBe(1);
  });

  it('leaves nothing of him anywhere: not in documents, views, columns, the past or kept answers', async () => {
    expect(traceIn(await everyRowOf(opened.place), traces)).toBeDefined();
    const { counts } = await erase(' WILMA.Q@fabrikam.example');
    expect(counts).toMatchObject({ documents: 3, people: 5, mentions: 1, views: 1, answers: 1 });
    const after = (await everyRowOf(opened.place)).replaceAll('joWilma.Q@', '');
    expect(traceIn(after, traces)).toBeUndefined();
    for (const party of [opened.contoso, opened.tailspin]) {
      for (const search of ['wilma', 'wilhelmina OR quackenbush', '"wilma q"']) {
        for (const filter of ['', `&$filter=engagementId eq ${own.engagementId}`]) {
          expect(await party.ids(`$search=${search}${filter}`), search).toEqual([]);
        }
      }
    }
    expect(await erase(wilma.email)).toMatchObject({ counts: {} });
  });

  it('keeps the others, the places in the lists, and what the deals are', async () => {
    const { contoso, tailspin } = opened;
    const now = await contoso.read(own.id);
    expect(now).toMatchObject({
      status: own.status,
      customerProfile: { team: [contact, blank] },
      team: [blank],
      details: { notes: 'Ask [erased], not joWilma.Q@fabrikam.example', dealValue: 8 },
    });
    expect(await tailspin.read(own.id)).toMatchObject({ customerProfile: { team: [contact, blank] }, team: [blank] });
    expect(await contoso.read(closed.id)).toMatchObject({ status: 'Closed', substatus: 'Lost', team: [blank] });
  });

  it('makes a new version, so that nobody writes the former one back', async () => {
    const { contoso } = opened;
    const now = await contoso.read(own.id);
    expect(now.eTag).not.toBe(own.eTag);
    expect(String(now.updatedDateTime) > String(own.updatedDateTime)).toBe(true);
    const stale = await contoso.patch(own.id, setting({ '/details/dealValue': 9 }), { 'if-match': own.eTag });
    expectEnvelope(stale, 412);
    expect((await contoso.patch(own.id, setting({ '/details/dealValue': 9 }))).status).toBe(204);
    await opened.server.exchange.store.transact(importReferrals, { texts: [JSON.stringify(own)] });
    expect((await contoso.get(own.id)).text).not.toMatch(/quackenbush/i);
  });

  it('stands in the history as the operator’s, with a past that has him no more', async () => {
    const { contoso, tailspin } = opened;
    const changes = await contoso.history(own.id);
    const erasure = changes.find(({ kind }) => kind === 'erased');
    expect(erasure).toMatchObject({ by: { kind: 'operator', organizationId: null, user: null } });
    expect(erasure?.before).toMatchObject({ eTag: own.eTag, team: [blank], details: { dealValue: 8 } });
    expect((await tailspin.history(own.id)).map(({ kind }) => kind)).toContain('relatedChanged');
    const asOf = await contoso.ask('GET', `${collection}/${own.id}?asOf=${changes[0]?.occurredDateTime}`);
    expect(asOf.json()).toMatchObject({ team: [blank], details: { notes: 'Two hundred seats' } });
  });

  it('is finished by a second run after one that was broken off, also while others write', async () => {
    const { contoso, operations, place } = opened;
    const zebulon = { firstName: 'Zebulon', lastName: 'Pike', email: 'zeb@fabrikam.example' };
    const deals = await Promise.all(
      [1, 2, 3].map((value) => contoso.create(deal({ name: `Deal ${value}`, team: [zebulon] }))),
    );
    const writes = async () => {
      for (let value = 1; value <= 8; value += 1) {
        await Promise.all(deals.map(({ id }) => contoso.change(id, { '/details/dealValue': value })));
      }
    };
    await writes();
    // The documents are done, the past is not.
    await Promise.all([writes(), operations.erasePerson({ email: zebulon.email, isDryRun: false })]);
    expect(traceIn(await everyRowOf(place), /zebulon|zeb@/i)).toBe('Zebulon');
    await Promise.all([writes(), erase(zebulon.email)]);
    expect(traceIn(await everyRowOf(place), /zebulon|zeb@/i)).toBeUndefined();
    for (const { id } of deals) {
      expect(await contoso.read(id)).toMatchObject({ team: [blank], details: { dealValue: 8 } });
      expectLinear(await contoso.history(id), await contoso.read(id));
    }
  });

  it('blanks who acted where he is a user, and leaves the user for the operator to remove', async () => {
    const email = 'admin@contoso.com';
    const { users: known } = await opened.operations.listDirectory({});
    const user = known.find(({ name }) => name === users.admin);
    await erase(user?.email ?? email);
    const changes = await opened.contoso.history(own.id);
    expect(changes.filter(({ by }) => by.user === users.admin)).toEqual([]);
    expect(changes.some(({ by }) => by.organizationId === organizations.contoso)).toBe(true);
    expect(await rowsOf(opened.place, `select * from kept_answers where user_name = '${users.admin}'`)).toEqual([]);
    expect((await opened.operations.listDirectory({})).users).toHaveLength(known.length);
  });

  it('blanks invitations to him, and withdraws one that is open', async () => {
    const { operations } = opened;
    const organization = organizations.contoso;
    const invite = (email: string, userName = '') =>
      operations.changeDirectory({ kind: 'addInvitation', organization, email, userName, roles: [], codeHash: 'none' });
    await invite('Ivy@fabrikam.example', 'ivy@fabrikam.example');
    await invite('oak@fabrikam.example');
    const before = (await operations.listDirectory({})).invitations;
    expect(await erase('ivy@fabrikam.example', true)).toMatchObject({ counts: { invitations: 1 } });
    expect((await operations.listDirectory({})).invitations).toEqual(before);
    expect(await erase('ivy@fabrikam.example')).toMatchObject({ counts: { invitations: 1 } });
    const [first, other] = [...(await operations.listDirectory({})).invitations].sort((one, two) =>
      one.email < two.email ? 1 : -1,
    );
    expect(first).toEqual(before.find(({ email }) => email === 'oak@fabrikam.example'));
    expect(other).toMatchObject({ email: '[erased]', userName: '[erased]', acceptedAt: null });
    expect(other?.withdrawnAt).toEqual(expect.any(String));
    expect(await erase('ivy@fabrikam.example')).toMatchObject({ counts: {} });
  });

  it('can be proved later, and is told to nobody who does not know the address', async () => {
    const about = await opened.operations.listActs({ about: wilma.email.toUpperCase() });
    expect(about.map(({ kind }) => kind)).toEqual(['erasureBegun', 'erasureDone', 'erasureBegun', 'erasureDone']);
    expect(JSON.parse(about[1]?.details ?? '')).toMatchObject({ documents: 3, people: 5, mentions: 1 });
    expect(await opened.operations.listActs({ about: 'somebody@fabrikam.example' })).toEqual([]);
    const all = await opened.operations.listActs({});
    expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_act, index) => index + 1));
  });
});

describeOnEachEngine('deleting a referral', (engine) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open(engine);
  });
  afterAll(() => opened.server.close());

  it('says what it would remove, removes it with all that is kept of it, and lets every log say so', async () => {
    const { contoso, tailspin, operations, place } = opened;
    const own = await jointDeal(opened, { name: 'Quackenbush looms' });
    const [theirs = ''] = await tailspin.ids(`$filter=engagementId eq '${own.engagementId}' and name eq 'Looms'`);
    await contoso.patch(own.id, setting({ '/details/notes': 'secret plan' }), {
      'repeatability-request-id': randomUUID(),
      'repeatability-first-sent': new Date().toUTCString(),
    });
    const before = await everyRowOf(place);
    const wouldBe = await operations.deleteReferral({ id: own.id.toUpperCase(), isDryRun: true });
    expect(wouldBe).toMatchObject({ id: own.id, organization: { id: organizations.contoso }, name: own.name });
    expect(wouldBe.readers).toContain(organizations.tailspin);
    expect((await everyRowOf(place)) === before).toBe(true);

    const { removed } = await operations.deleteReferral({ id: own.id, isDryRun: false });
    expect(removed).toMatchObject({ answers: 1 });
    const after = await everyRowOf(place);
    expect(traceIn(after, /quackenbush|secret plan/i)).toBeUndefined();
    expectEnvelope(await contoso.get(own.id), 404, 'referralNotFound');
    expectEnvelope(await tailspin.get(own.id), 404, 'referralNotFound');
    expect(await contoso.ids(`$filter=engagementId eq '${own.engagementId}'`)).toEqual([]);
    expect(await tailspin.ids(`$filter=engagementId eq '${own.engagementId}'`)).toEqual([theirs]);

    const rows = await rowsOf(
      place,
      `select organization_id, kind, document_before, actor_user_id from changes where referral_id = '${own.id}'`,
    );
    expect(new Set(rows.map((row) => `${row.organization_id} ${row.kind}`))).toEqual(
      new Set([`${organizations.contoso} deleted`, `${organizations.tailspin} relatedRemoved`]),
    );
    expect(rows.filter((row) => row.document_before !== null || row.actor_user_id !== null)).toEqual([]);
    for (const organizationId of [organizations.contoso, organizations.tailspin]) {
      const log = await rowsOf(
        place,
        `select sequence, referral_id from changes where organization_id = '${organizationId}' order by sequence`,
      );
      expect(log.map(({ sequence }) => Number(sequence))).toEqual(log.map((_row, index) => index + 1));
      expect(log.slice(-2).map(({ referral_id }) => referral_id)).toContain(own.id);
    }
    expect(await operations.listActs({ about: own.id })).toMatchObject([{ kind: 'referralDeleted' }]);
    await expect(operations.deleteReferral({ id: own.id, isDryRun: false })).rejects.toMatchObject({
      kind: 'referralNotFound',
    });
  });

  it('takes from its owner what he read of the others by it alone', async () => {
    const { contoso, tailspin, operations } = opened;
    const own = await jointDeal(opened, { name: 'Only one' });
    const [theirs = ''] = await tailspin.ids(`$filter=engagementId eq '${own.engagementId}' and name eq 'Looms'`);
    await contoso.read(theirs);
    await operations.deleteReferral({ id: theirs, isDryRun: false });
    expectEnvelope(await contoso.get(theirs), 404, 'referralNotFound');
    expectEnvelope(await tailspin.get(own.id), 404, 'referralNotFound');
    expect((await contoso.read(own.id)).name).toBe('Only one');
  });

  it('leaves nothing of one that was overdue and is closed as it goes', async () => {
    const { contoso, operations, place } = opened;
    const sent = await contoso.create(deal({ name: 'Overdue gobbledygook', target: targeting(targets.tailspin) }));
    await rowsOf(
      place,
      `update referral_documents set due_at = '2020-01-01T00:00:00.0000000Z' where id = '${sent.id}'`,
    );
    await operations.deleteReferral({ id: sent.id, isDryRun: false });
    expect(traceIn(await everyRowOf(place), /gobbledygook/i)).toBeUndefined();
  });

  it('forgets who sent it, too, so that the sender is a member of its engagement no more', async () => {
    const { contoso, tailspin, operations, place } = opened;
    const sent = await contoso.create(deal({ name: 'Sent only', target: targeting(targets.tailspin) }));
    expect((await tailspin.read(sent.id)).organizationId).toBe(organizations.tailspin);
    const members = () =>
      rowsOf(place, `select is_sender from engagement_members where engagement_id = '${sent.engagementId}'`);
    expect(await members()).toHaveLength(2);
    await operations.deleteReferral({ id: sent.id, isDryRun: false });
    expect(await members()).toEqual([]);
    expectEnvelope(await contoso.get(sent.id), 404, 'referralNotFound');
    expectEnvelope(await tailspin.get(sent.id), 404, 'referralNotFound');
  });

  it('forgets every kept answer that names it, in whichever case its id is written there', async () => {
    const { contoso, operations, place } = opened;
    const own = await contoso.create(deal({ name: 'Asked for in capitals' }));
    const other = await contoso.create(deal({ name: 'Another' }));
    const keep = (target: string, answer: string) =>
      rowsOf(
        place,
        `insert into kept_answers (organization_id, user_name, target, request_id, fingerprint, kept_at, answer)
         values ('${organizations.contoso}', 'somebody', '${target}', '${randomUUID()}', '', '2026', '${answer}')`,
      );
    await keep(`PATCH ${own.id.toUpperCase()}`, '{}');
    await keep('POST', JSON.stringify({ document: `{"id":"${own.id.toUpperCase()}"}` }));
    await keep(`PATCH ${own.id}`, '{}');
    await keep(`PATCH ${other.id}`, '{}');
    const { removed } = await operations.deleteReferral({ id: own.id, isDryRun: false });
    expect(removed).toMatchObject({ answers: 3 });
    const left = await rowsOf(place, "select target from kept_answers where user_name = 'somebody'");
    expect(left.map(({ target }) => target)).toEqual([`PATCH ${other.id}`]);
  });

  it('speaks of itself, and not of the directory, where the organisation that is given is none', async () => {
    const own = await opened.contoso.create(deal({ name: 'Whose' }));
    const asked = opened.operations.deleteReferral({ id: own.id, organization: 'Fabrikam', isDryRun: false });
    await expect(asked).rejects.toMatchObject({
      kind: 'cleanUpRefused',
      message:
        'Nothing was done: there is no organisation Fabrikam; npx --no cosell directory list names those that there are.',
    });
    expect((await opened.contoso.read(own.id)).name).toBe('Whose');
  });

  it('asks whose it is where two organisations have one with the same id', async () => {
    const { contoso, tailspin, operations, server } = opened;
    const own = await contoso.create(deal({ name: 'Twin' }));
    const twin = { ...own, organizationId: organizations.tailspin, engagementId: randomUUID(), name: 'Other twin' };
    await server.exchange.store.transact(importReferrals, { texts: [JSON.stringify(twin)] });
    const asked = operations.deleteReferral({ id: own.id, isDryRun: true });
    await expect(asked).rejects.toMatchObject({ kind: 'cleanUpRefused' });
    await operations.deleteReferral({ id: own.id, organization: organizations.tailspin, isDryRun: false });
    expect((await contoso.read(own.id)).name).toBe('Twin');
    expectEnvelope(await tailspin.get(own.id), 404, 'referralNotFound');
    expect((await contoso.history(own.id)).map(({ kind }) => kind)).toEqual(['created']);
  });
});

describeOnEachEngine('retaining history', (engine) => {
  let opened: Opened;
  let operator: Operator;
  beforeAll(async () => {
    opened = await open(engine, { SANDBOX: 'true' });
    operator = await operatorOf(opened.server);
  });
  afterAll(() => opened.server.close());

  it('removes what was before, and says so to whoever asks for it', async () => {
    const { contoso, tailspin, operations, place } = opened;
    const own = await contoso.create(deal({ name: 'First' }));
    await contoso.change(own.id, { '/details/notes': 'old notes' });
    await contoso.change(own.id, { '/details/notes': 'older than a year' });
    await operator.clock({ advance: 'P400D' });
    await contoso.change(own.id, { '/details/notes': 'new notes' });
    const [created, , lastOld, young] = await contoso.history(own.id);

    const retain = (isDryRun: boolean) =>
      sweep((progress: Awaited<ReturnType<StoreOperations['retainHistory']>> | undefined) =>
        operations.retainHistory({ history: '1y', isDryRun, ...(progress && { progress }) }),
      );
    const before = await everyRowOf(place);
    const wouldBe = await retain(true);
    expect((await everyRowOf(place)) === before).toBe(true);
    expect((await retain(false)).counts).toEqual(wouldBe.counts);
    expect(wouldBe.counts.changes).toBeGreaterThanOrEqual(2);
    expect((await retain(false)).counts).toEqual({});

    const changes = await contoso.history(own.id);
    expect(changes.map(({ kind }) => kind)).toEqual(['created', 'changed', 'changed', 'changed']);
    expect(changes.map(({ before: past }) => past?.name ?? null)).toEqual([null, null, null, 'First']);
    expect(changes[3]).toEqual(young);
    const asOf = (instant: string | undefined) => contoso.ask('GET', `${collection}/${own.id}?asOf=${instant}`);
    expectEnvelope(await asOf(created?.occurredDateTime), 410, 'pastRemoved');
    // To whoever does not read it, what was removed is as much nothing as what is there.
    const foreign = await tailspin.ask('GET', `${collection}/${own.id}?asOf=${created?.occurredDateTime}`);
    expectEnvelope(foreign, 404, 'referralNotFound');
    expectEnvelope(await asOf('1999-01-01'), 404, 'referralNotFound');
    expect((await asOf(lastOld?.occurredDateTime)).json()).toMatchObject({ details: { notes: 'older than a year' } });
    const kinds = (await operations.listActs({})).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind.startsWith('retention'))).toEqual([
      'retentionBegun',
      'retentionDone',
      'retentionBegun',
      'retentionDone',
    ]);
  });

  it('removes what was before one instant in all of its batches, also when time goes by between them', async () => {
    const { operations } = opened;
    const begun = await operations.retainHistory({ history: '90d', isDryRun: false });
    expect(begun.isDone).toBe(false);
    let done = begun;
    while (!done.isDone) {
      await operator.clock({ advance: 'P1D' });
      done = await operations.retainHistory({ history: '90d', isDryRun: false, progress: done });
    }
    expect(done.before).toBe(begun.before);
    const acts = (await operations.listActs({})).filter(({ kind }) => kind.startsWith('retention'));
    const instants = acts.slice(-2).map(({ details }) => JSON.parse(details).before);
    expect(instants).toEqual([begun.before, begun.before]);
  });

  it.each(['3', '0d', '3w', 'P3Y', '-1d', '1.5y', '10000d', ''])('refuses the time "%s"', async (history) => {
    const refused = opened.operations.retainHistory({ history, isDryRun: true });
    await expect(refused).rejects.toMatchObject({ kind: 'cleanUpRefused' });
  });
});

describeOnEachEngine('the command', (engine) => {
  let place: Place;
  let server: ServerProcess;
  let settings: Settings;
  beforeAll(async () => {
    place = await engine.makeSamplePlace();
    settings = { DATA_DIR: place.at.dataDir || newFolder(), DATABASE_URL: place.at.databaseUrl };
    // On SQLite every command is then done by this server.
    server = await startCosell(settings);
  });
  afterAll(async () => {
    await server.stop();
    await cleanUp();
    await place.remove();
  });

  it('erases, deletes, retains and reindexes beside a running server, and tells what it did', async () => {
    const person = 'SUE.SMITH@contoso.com';
    expect(await getText(server, ids.coSell)).toMatch(/sue\.smith/);
    const wouldBe = await runCosell(['erase', '--person', person, '--dry-run'], settings);
    expect(wouldBe).toMatchObject({ code: 0, stderr: '' });
    expect(wouldBe.stdout).toMatch(/^Would blank \d+ pe(rson|ople) and 0 addresses in texts, in \d+ referrals?\.\n/);
    const erased = await runCosellHere(['erase', '--person', person], settings);
    expect(erased.stdout).toBe(wouldBe.stdout.replace('Would blank', 'Blanked').replace('Would mend', 'Mended'));
    expect(await getText(server, ids.coSell)).not.toMatch(/sue/i);
    const user = await runCosellHere(['erase', '--person', 'admin@contoso.com', '--dry-run'], settings);
    expect(user.stdout).toContain('npx --no cosell directory remove user contoso-admin\n');

    const asked = await runCosellHere(['delete', ids.london], settings);
    expect(asked).toMatchObject({
      code: 1,
      stderr: 'Nothing was removed. To remove it, give the same command with --yes.\n',
    });
    expect(asked.stdout).toContain(`Referral ${ids.london} `);
    expect((await getReferral(server, ids.london)).status).toBe(200);
    const deleted = await runCosellHere(['delete', ids.london, '--yes'], settings);
    expect(deleted).toMatchObject({ code: 0, stderr: '' });
    expect(deleted.stdout).toBe(`${asked.stdout}Removed, with 1 change and 0 kept answers.\n`);
    expect((await getReferral(server, ids.london)).status).toBe(404);

    const retained = await runCosellHere(['retain', '--history', '18m'], settings);
    expect(retained).toMatchObject({ code: 0, stderr: '' });
    expect(retained.stdout).toMatch(/^0 former documents removed: what was before \d{4}-\d\d-\d\d\.\n$/);
    const refused = await runCosellHere(['retain', '--history', 'long'], settings);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      'Nothing was done: "long" is no length of time; write days, months or years as 90d, 18m or 3y.\n',
    ]);

    const reindexed = await runCosellHere(['reindex'], settings);
    expect(reindexed.stdout).toMatch(/^Everything was right\.\n\d+ rows looked at\.\n$/);
    const acts = await runCosellHere(['acts'], settings);
    expect(acts.stdout.match(/\b[a-z]+(Begun|Done|Deleted)\b/g)).toEqual([
      'erasureBegun',
      'erasureDone',
      'referralDeleted',
      'retentionBegun',
      'retentionDone',
    ]);
    const about = await runCosellHere(['acts', '--about', ids.london.toUpperCase()], settings);
    expect(about.stdout).toMatch(/^3 {2}\S+Z {2}referralDeleted {2}\{.*\}\n$/);
  }, 60_000);
});

async function getText(server: ServerProcess, id: string): Promise<string> {
  return (await getReferral(server, id)).text;
}
