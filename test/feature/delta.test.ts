import { randomUUID } from 'node:crypto';
import { createOperations, type StoreOperations } from '@cosell/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, expectEnvelope } from '../support/answers.ts';
import { captureText, contoso as contosoId } from '../support/captures.ts';
import { DeltaClient, deltaPathOf, pageIn, pagesFrom, removedIn, tracking } from '../support/delta-client.ts';
import { retainADay, sweep } from '../support/delta-story.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { listPath, pathOf } from '../support/listed.ts';
import { deal, invitation, type Operator, operatorOf, type Party, partyOf, targets } from '../support/parties.ts';
import { ids, unknownIds, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const jane = { firstName: 'Jane', lastName: 'Doe', phoneNumber: '1', email: 'JANE.doe@contoso.com' };
const john = { firstName: 'John', lastName: 'Doe', phoneNumber: '1', email: 'john.doe@contoso.com' };

/** A server with who talks to it. */
interface Opened {
  readonly server: TestServer;
  readonly operations: StoreOperations;
  readonly operator: Operator;
  readonly admin: Party;
  readonly member: Party;
  readonly tailspin: Party;
}

describeOnEachEngine('delta', (engine) => {
  let opened: Opened;
  const all: Opened[] = [];
  async function open(environment: Readonly<Record<string, string>> = {}): Promise<Opened> {
    const server = await startTestServer(engine, { SANDBOX: 'true', ...environment });
    const operations = createOperations(server.exchange.store, server.exchange.issuer, () => server.origin);
    const [operator, admin, member, tailspin] = await Promise.all([
      operatorOf(server),
      partyOf(server, users.admin),
      partyOf(server, users.member),
      partyOf(server, users.tailspin),
    ]);
    all.push({ server, operations, operator, admin, member, tailspin });
    return { server, operations, operator, admin, member, tailspin };
  }
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => Promise.all(all.map(({ server }) => server.close())));

  /** A client that has its list. */
  async function clientOf(party: Party, options: Readonly<Record<string, string>> = {}, size?: number) {
    const client = new DeltaClient(party, options, size);
    await client.begin();
    return client;
  }
  const deltaPath = async (party: Party, options: Readonly<Record<string, string>> = {}) =>
    deltaPathOf(await pagesFrom(party, listPath(options), { headers: tracking }));

  describe('the list', () => {
    it.each(['odata.track-changes', 'track-changes', 'odata.maxpagesize=3, odata.track-changes'])(
      'has a delta link on its last page with Prefer: %s',
      async (prefer) => {
        const pages = await pagesFrom(opened.admin, collection, { headers: { prefer } });
        expect(pages.map((page) => page['@odata.deltaLink'] !== undefined)).toEqual(
          pages.map((_page, at) => at === pages.length - 1),
        );
        for (const { answer } of pages) {
          expect(answer.headers['preference-applied']).toContain('track-changes');
          expect(answer.headers['cosell-extension']).toBe('delta');
          expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)));
        }
      },
    );

    it('is the same with and without the preference, but for the link', async () => {
      const [plain, tracked] = [
        await opened.admin.list(''),
        await opened.admin.ask('GET', `${collection}?`, undefined, tracking),
      ];
      expect(tracked.text.replace(/,"@odata.deltaLink":"[^"]*"/, '')).toBe(plain.text);
      expect(plain.headers['cosell-extension']).toBeUndefined();
    });

    it('may have any order of its own, and is tracked from its first page on', async () => {
      const order = { $orderby: 'details/dealValue desc', $filter: 'details/dealValue gt 0' };
      const client = await clientOf(opened.admin, order, 2);
      expect(await client.follow()).toEqual({ shown: [], removed: [] });
      const [first] = await pagesFrom(opened.admin, collection, { headers: { prefer: 'maxpagesize=2' } });
      // Whoever asks in the middle of a walk is not told that he is tracked.
      const later = await pagesFrom(opened.admin, pathOf(first?.['@odata.nextLink'] ?? ''), { headers: tracking });
      for (const page of later) {
        expect(page['@odata.deltaLink']).toBeUndefined();
        expect(page.answer.headers['preference-applied']).toBeUndefined();
      }
    });

    it.each([
      ['$top=5', '$top'],
      ['$skip=1', '$skip'],
      ['$top=5&$filter=true', '$top'],
    ])('with %s cannot be tracked', async (query, option) => {
      const answer = await opened.admin.ask('GET', `${collection}?${query}`, undefined, tracking);
      expect(expectEnvelope(answer, 501, 'notTracked').target).toBe(option);
    });

    it.each([
      ['createdDateTime lt now()', '$filter', 19],
      ['team/any(t:length(t/email) gt year(now()))', '$filter', 35],
      ['createdDateTime lt @p', '@p', 0],
    ])('cannot be tracked by %s, which holds today and not tomorrow', async ($filter, target, position) => {
      const options = { $filter, ...(target === '@p' && { '@p': 'now()' }) };
      const answer = await opened.admin.ask('GET', listPath(options), undefined, tracking);
      const error = expectEnvelope(answer, 501, 'expressionNotImplemented');
      expect(error.target).toBe(target);
      expect(error.message).toContain(`at position ${position}, stands now() in a list`);
      expect((await opened.admin.ask('GET', listPath(options))).status).toBe(200);
    });
  });

  describe('what has changed', () => {
    it('comes in the order of the last changes, each referral once, as it is now', async () => {
      const client = await clientOf(opened.admin);
      const one = await opened.admin.create(deal({ name: 'One' }));
      const two = await opened.admin.create(deal({ name: 'Two' }));
      await opened.admin.change(ids.london, { '/details/notes': 'Changed' });
      await opened.admin.change(one.id, { '/name': 'One, changed' });
      expect(await client.follow()).toEqual({ shown: [two.id, ids.london, one.id], removed: [] });
      expect(client.copy).toEqual(await client.fresh());
      expect(await client.follow()).toEqual({ shown: [], removed: [] });
    });

    it('has the context of a delta, no count, and the members that were selected', async () => {
      const path = await deltaPath(opened.admin, { $select: 'id,name', $count: 'true', $orderby: 'name' });
      const { id } = await opened.admin.create(deal({ name: 'Selected' }));
      const [page] = await pagesFrom(opened.admin, path);
      expect(Object.keys(page?.answer.json() ?? {})).toEqual(['@odata.context', 'value', '@odata.deltaLink']);
      const metadata = `${opened.server.origin}${collection}/$metadata`;
      expect(page?.['@odata.context']).toBe(`${metadata}#Referrals(id,name)/$delta`);
      expect(page?.value).toEqual([{ id, name: 'Selected' }]);
      expect(page?.answer.headers['cosell-extension']).toBe('delta');
      expect(page?.answer.headers['preference-applied']).toBeUndefined();
      const [whole] = await pagesFrom(opened.admin, await deltaPath(opened.admin));
      expect(whole?.['@odata.context']).toBe(`${metadata}#Referrals/$delta`);
    });

    it('has removed what a filter holds no more for, and nothing of what it never held for', async () => {
      const filter = { $filter: "status eq 'Active' and details/dealValue gt 100" };
      const kept = await opened.admin.create(deal({ name: 'Kept' }));
      const client = await clientOf(opened.admin, filter);
      await opened.admin.change(kept.id, { '/details/dealValue': 1 });
      const small = await opened.admin.create(deal({ details: { dealValue: 5, currency: 'USD' } }));
      await opened.admin.change(small.id, { '/details/dealValue': 6 });
      expect(await client.follow()).toEqual({ shown: [], removed: [{ id: kept.id, reason: 'changed' }] });
      // It comes, goes and comes between two answers: only what is now counts.
      await opened.admin.change(small.id, { '/details/dealValue': 600 });
      await opened.admin.change(kept.id, { '/details/dealValue': 600 });
      await opened.admin.change(small.id, { '/details/dealValue': 7 });
      expect(await client.follow()).toEqual({ shown: [kept.id], removed: [] });
      expect(client.copy).toEqual(await client.fresh());
    });

    it('has removed what a user is on the team of no more, and no id of what he never saw', async () => {
      const client = await clientOf(opened.member);
      const hidden = await opened.admin.create(deal({ name: 'Hidden' }));
      const shared = await opened.admin.create(deal({ name: 'Shared', team: [john, jane] }));
      expect(await client.follow()).toEqual({ shown: [shared.id], removed: [] });
      await opened.admin.change(shared.id, { '/team/1/email': 'else@contoso.com' });
      await opened.admin.change(hidden.id, { '/name': 'Hidden still' });
      await opened.operations.deleteReferral({ id: (await opened.admin.create(deal())).id, isDryRun: false });
      expect(await client.follow()).toEqual({ shown: [], removed: [{ id: shared.id, reason: 'changed' }] });
      expect(client.copy).toEqual(await client.fresh());
    });

    it('says that a referral was deleted, but not of one that came and went meanwhile, nor of a marketplace lead', async () => {
      const { id } = await opened.admin.create(deal());
      const client = await clientOf(opened.admin);
      const brief = await opened.admin.create(deal());
      for (const gone of [id, brief.id, ids.marketplace]) {
        await opened.operations.deleteReferral({ id: gone, isDryRun: false });
      }
      expect(await client.follow()).toEqual({ shown: [], removed: [{ id, reason: 'deleted' }] });
      expect(client.copy).toEqual(await client.fresh());
    });

    it('says that a referral was deleted which became a marketplace lead meanwhile, to whoever had it', async () => {
      const became = (id: string) => {
        const lead = { qualification: 'Direct', referralSource: 'AppSource' } as const;
        const text = captureText({ id, updatedDateTime: '2040-01-01T00:00:00Z', ...lead });
        return opened.operations.importReferrals({ texts: [text] });
      };
      const remove = (id: string) => opened.operations.deleteReferral({ id, isDryRun: false });
      const one = await opened.admin.create(deal());
      const another = await opened.admin.create(deal());
      const client = await clientOf(opened.admin);
      await became(one.id);
      await remove(one.id);
      // Its id may come again, as a lead, after it was deleted.
      await remove(another.id);
      await became(another.id);
      await remove(another.id);
      const removed = [one, another].map(({ id }) => ({ id, reason: 'deleted' }));
      expect(await client.follow()).toEqual({ shown: [], removed });
      expect(client.copy).toEqual(await client.fresh());
      expect(await client.follow()).toEqual({ shown: [], removed: [] });
    });

    it('makes everybody begin again after a marketplace lead whose past was removed is deleted', async () => {
      const lead = { id: randomUUID(), qualification: 'Direct', referralSource: 'AppSource' } as const;
      for (const year of [2040, 2041]) {
        const text = captureText({ ...lead, updatedDateTime: `${year}-01-01T00:00:00Z` });
        await opened.operations.importReferrals({ texts: [text] });
      }
      const client = await clientOf(opened.admin);
      await opened.operator.clock({ advance: 'P2D' });
      await retainADay(opened.operations);
      await opened.operations.deleteReferral({ id: lead.id, isDryRun: false });
      expect(await client.follow()).toBeUndefined();
    });

    it('tells of what fell due before it was asked', async () => {
      const { operator, admin } = await open();
      const client = await clientOf(admin, { $filter: "status eq 'New'" });
      const sent = await admin.create(deal({ type: 'Shared', qualification: 'SalesQualified' }));
      const theirs = await admin.create(invitation(sent.engagementId, targets.tailspin));
      const views = await clientOf(admin, { $filter: `engagementId eq ${sent.engagementId}` });
      await operator.clock({ advance: 'P15D' });
      expect(await views.follow()).toMatchObject({ removed: [] });
      expect(views.copy[theirs.id]).toContain('"status":"Closed","substatus":"Expired"');
      expect(views.copy).toEqual(await views.fresh());
      await client.follow();
      expect(client.copy).toEqual(await client.fresh());
    });

    it('comes in pages that lead to one state, whoever writes between them', async () => {
      const client = await clientOf(opened.admin, {}, 2);
      const made: string[] = [];
      for (let at = 0; at < 7; at += 1) made.push((await opened.admin.create(deal({ name: `Page ${at}` }))).id);
      const later: string[] = [];
      let page = 0;
      const told = await client.follow(async () => {
        // One that was told of, one that is to come, and a new one.
        await opened.admin.change(made[page * 2] ?? '', { '/name': `Told ${page}` });
        await opened.admin.change(made[page * 2 + 4] ?? ids.london, { '/name': `To come ${page}` });
        later.push((await opened.admin.create(deal({ name: `Later ${page}` }))).id);
        page += 1;
      });
      expect(told?.shown).toEqual(made);
      expect(later.length).toBe(3);
      const rest = await client.follow();
      for (const id of later) expect(rest?.shown).toContain(id);
      expect(client.copy).toEqual(await client.fresh());
    });

    it('comes again where it happened during the walk through the list', async () => {
      const client = new DeltaClient(opened.admin, { $orderby: 'updatedDateTime desc' }, 2);
      const made: string[] = [];
      await client.begin(async () => void made.push((await opened.admin.create(deal({ name: 'During' }))).id));
      expect(made.length).toBeGreaterThan(2);
      expect((await client.follow())?.shown).toEqual(made);
      expect(client.copy).toEqual(await client.fresh());
    });

    it('is told from now on by $deltatoken=latest', async () => {
      const first = pageIn(await opened.member.list("$deltatoken=latest&$filter=status ne 'None'&$select=id"));
      expect(first.value).toEqual([]);
      expect(first['@odata.context']).toMatch(/#Referrals\(id\)\/\$delta$/);
      const { id } = await opened.admin.create(deal({ team: [jane] }));
      await opened.admin.create(deal());
      const next = pageIn(await opened.member.ask('GET', pathOf(first['@odata.deltaLink'] ?? '')));
      expect(next.value).toEqual([{ id }]);
      for (const query of ['$deltatoken=latest&$top=1', '$deltatoken=latest&$skip=1']) {
        expectEnvelope(await opened.member.list(query), 501, 'notTracked');
      }
    });

    it('comes also behind more changes that a user does not see than one answer looks at', {
      timeout: 120_000,
    }, async () => {
      const { member, operations } = await open();
      const client = await clientOf(member, {}, 3);
      const captures = Array.from({ length: 1_300 }, (_none, at) => {
        const id = `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
        return captureText({ id, engagementId: id, organizationId: contosoId, team: at % 400 === 399 ? [jane] : [] });
      });
      for (let at = 0; at < captures.length; at += 100) {
        await operations.importReferrals({ texts: captures.slice(at, at + 100) });
      }
      expect((await client.follow())?.shown).toHaveLength(3);
      expect(client.copy).toEqual(await client.fresh());
    });
  });

  describe('the records of an engagement', () => {
    it('come as its members may read them, and go with them', async () => {
      const { admin, tailspin, operations } = opened;
      const own = await admin.create(deal({ name: 'Joint' }));
      const options = { $filter: `engagementId eq '${own.engagementId}'` };
      const client = await clientOf(admin, options);
      const theirs = await admin.create(invitation(own.engagementId, targets.tailspin, { name: 'Other half' }));
      // The invitation makes the own record a shared one.
      expect((await client.follow())?.shown.toSorted()).toEqual([own.id, theirs.id].toSorted());
      const other = await clientOf(tailspin, options);
      await tailspin.move(theirs.id, 'Active/Accepted');
      expect((await client.follow())?.shown).toContain(theirs.id);
      expect(client.copy).toEqual(await client.fresh());
      expect(Object.keys(client.copy)).toHaveLength(2);
      await other.follow();
      expect(other.copy).toEqual(await other.fresh());
      await operations.deleteReferral({ id: theirs.id, isDryRun: false });
      // What the other half was is not kept, so nobody can tell whether a condition held for it.
      expect(await client.follow()).toBeUndefined();
      expect(client.copy).toEqual(await client.fresh());
      expect(Object.keys(client.copy)).toEqual([own.id]);
    });

    it('are in no delta of a list that did not ask for the engagement', async () => {
      const { admin, tailspin } = opened;
      const client = await clientOf(admin);
      const own = await admin.create(deal());
      const theirs = await admin.create(invitation(own.engagementId, targets.tailspin));
      await tailspin.move(theirs.id, 'Active/Accepted');
      expect(await client.follow()).toEqual({ shown: [own.id], removed: [] });
    });

    it('are asked for anew by whoever comes into the engagement, or leaves it', async () => {
      const { admin, member } = opened;
      const own = await admin.create(deal({ team: [john, { ...jane, email: 'x@contoso.com' }] }));
      await admin.create(invitation(own.engagementId, targets.tailspin));
      const client = await clientOf(member, { $filter: `engagementId eq ${own.engagementId}` });
      expect(client.copy).toEqual({});
      for (const email of [jane.email, 'x@contoso.com']) {
        await admin.change(own.id, { '/team/1/email': email });
        expect(await client.follow()).toBeUndefined();
        expect(client.copy).toEqual(await client.fresh());
      }
    });
  });

  describe('a delta token', () => {
    it('is of its user, and no skip token', async () => {
      const path = await deltaPath(opened.admin);
      for (const party of [opened.member, opened.tailspin]) {
        expectEnvelope(await party.ask('GET', path), 400, 'deltaTokenInvalid');
      }
      expectEnvelope(await opened.server.askAs(users.nobody, path), 403, 'roleMissing');
      const first = pageIn(await opened.admin.ask('GET', collection, undefined, { prefer: 'maxpagesize=2' }));
      const next = pathOf(first['@odata.nextLink'] ?? '');
      expectEnvelope(await opened.admin.ask('GET', next.replace('$skip', '$delta')), 400, 'deltaTokenInvalid');
      expectEnvelope(await opened.admin.ask('GET', path.replace('$delta', '$skip')), 400, 'skipTokenInvalid');
    });

    it('cannot be changed, not even by a character', async () => {
      const [path = '', token = ''] = (await deltaPath(opened.admin)).split('$deltatoken=');
      const flip = (at: number) => token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      const [text = '', signature = ''] = token.split('.');
      const read = JSON.parse(Buffer.from(text, 'base64url').toString()) as { since: object };
      const earlier = { ...read, since: { ...read.since, sequence: 0, mark: '' } };
      const forged = [...Array(token.length).keys()].filter((at) => at % 7 === 0 || at > token.length - 50).map(flip);
      forged.push('', '.', 'LATEST', `${token}A`, `${token}.`, text, `.${signature}`);
      forged.push(`${Buffer.from(JSON.stringify(earlier)).toString('base64url')}.${signature}`);
      for (const candidate of forged.filter((one) => one !== token)) {
        const answer = await opened.admin.ask('GET', `${path}$deltatoken=${candidate}`);
        expect([candidate, answer.status]).toEqual([candidate, 400]);
      }
    });

    it('carries its query: the same options may be sent beside it, others not', async () => {
      const path = await deltaPath(opened.admin, { $filter: "status eq 'New'" });
      expect((await opened.admin.ask('GET', `${path}&$filter=status%20eq%20'New'&x=1`)).status).toBe(200);
      for (const [query, option] of [
        ["$filter=status%20eq%20'Active'", '$filter'],
        ['$top=1', '$top'],
        ['$skiptoken=x', '$skiptoken'],
        ['$select=id', '$select'],
      ]) {
        const answer = await opened.admin.ask('GET', `${path}&${query}`);
        const error = expectEnvelope(answer, 400, 'skipTokenMismatch');
        expect(error.target).toBe(option);
        expect(error.message).toContain('the query that $deltatoken continues');
      }
    });

    it('holds after a restart', async () => {
      const place = await engine.makeSamplePlace();
      const first = await startTestServer(engine, {}, place);
      const client = await clientOf(await partyOf(first, users.admin));
      const path = await deltaPath(await partyOf(first, users.admin), { $filter: 'favorite eq false' });
      await first.stop();
      const second = await startTestServer(engine, {}, place);
      const admin = await partyOf(second, users.admin);
      const { id } = await admin.create(deal());
      expect(pageIn(await admin.ask('GET', path)).value.map((item) => item.id)).toEqual([id]);
      expect(Object.keys(client.copy)).toHaveLength(7);
      await second.close();
      await place.remove();
    });
  });

  describe('is gone (410), and says where to begin again,', () => {
    const gone = async (party: Party, path: string, reason: string) => {
      const answer = await party.ask('GET', path);
      const error = expectEnvelope(answer, 410, 'changesUnknown');
      expect(error.code).toBe('itemNotFound');
      expect(error.message).toContain(reason);
      const { location = '' } = answer.headers;
      expect(location.startsWith(`${opened.server.origin.replace(/\d+$/, '')}`)).toBe(true);
      expect((await pagesFrom(party, pathOf(location), { headers: tracking })).length).toBeGreaterThan(0);
    };

    it('where the past that would decide was removed', async () => {
      const { admin, member, operations, operator } = await open();
      const [whole, filtered] = [await clientOf(admin), await deltaPath(admin, { $filter: "name ne 'x y'" })];
      const teams = await deltaPath(member);
      await admin.change(ids.london, { '/details/notes': 'x' });
      await operator.clock({ advance: 'P3D' });
      await retainADay(operations);
      // What is there now needs no past; what is not, does.
      expect((await whole.follow())?.shown).toEqual([ids.london]);
      expect(pageIn(await admin.ask('GET', filtered)).value).toHaveLength(1);
      await gone(member, teams, 'what a referral was before is not kept any more');
    });

    it('where a referral was deleted that he may have had', async () => {
      const { admin, member, operations } = await open();
      const [whole, filtered, teams] = [
        await clientOf(admin),
        await deltaPath(admin, { $filter: "name ne 'x y'" }),
        await deltaPath(member),
      ];
      await operations.deleteReferral({ id: ids.london, isDryRun: false });
      expect(await whole.follow()).toEqual({ shown: [], removed: [{ id: ids.london, reason: 'deleted' }] });
      await gone(admin, filtered, 'what a referral was before');
      await gone(member, teams, 'what a referral was before');
    });

    it('where a person was erased from what it would be reckoned from', async () => {
      const { admin, member, operations } = await open();
      const { id } = await admin.create(deal({ team: [john, jane] }));
      const [whole, teams] = [await clientOf(admin), await deltaPath(member)];
      await admin.change(id, { '/team/1/email': 'else@contoso.com' });
      await sweep((progress) =>
        operations.erasePerson({ email: jane.email, isDryRun: true, ...(progress && { progress }) }),
      );
      expect(pageIn(await member.ask('GET', teams)).value.map(removedIn)).toEqual([{ id, reason: 'changed' }]);
      await sweep((progress) =>
        operations.erasePerson({ email: jane.email, isDryRun: false, ...(progress && { progress }) }),
      );
      await whole.follow();
      expect(whole.copy).toEqual(await whole.fresh());
      await gone(member, teams, 'a person was erased from the past');
    });

    it('where the exchange was reset', async () => {
      const { admin, operator } = await open();
      const path = await deltaPath(admin);
      expect((await operator.ask('POST', '/_sandbox/reset', {})).status).toBe(200);
      await gone(await partyOf(all.at(-1)?.server as TestServer, users.admin), path, 'the exchange was reset');
    });

    it('where the log is another one, as after a backup was put back', async () => {
      const { admin, server } = await open();
      const { key, token } = { key: 'sequence', token: (await deltaPath(admin)).split('$deltatoken=')[1] ?? '' };
      const text = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as {
        since: Record<string, unknown>;
      };
      // The same server signs for a state that it never gave out: that of a log which went on otherwise.
      const { formatDeltaToken } = await import('@cosell/server/http/lists/delta-token');
      const { tokenKeyOf } = await import('@cosell/server/http/lists/signed-text');
      const holder = { organizationId: contosoId, userName: users.admin };
      for (const other of [{ mark: 'x' }, { [key]: Number(text.since[key]) - 1 }, { [key]: 10_000 }, { [key]: 0 }]) {
        const position = { ...text, since: { ...text.since, ...other } } as Parameters<typeof formatDeltaToken>[0];
        const forged = formatDeltaToken(position, holder, await tokenKeyOf(server.exchange.store));
        await gone(admin, `${collection}?$deltatoken=${forged}`, 'the log of changes is another one');
      }
    });

    it('where it is too old', async () => {
      const { admin, operator } = await open();
      const path = await deltaPath(admin, { $filter: "name ne 'Łódź & Söhne'" });
      await operator.clock({ advance: 'P29D' });
      expect((await admin.ask('GET', path)).status).toBe(200);
      await operator.clock({ advance: 'P1DT1H' });
      await gone(admin, path, 'the link is older than 30 days');
    });

    it('where roles, locations or the address of a user are others', async () => {
      const { member, operations, server } = await open();
      const london = await partyOf(server, users.london);
      const reason = 'what your roles reach is not the same any more';
      const paths = [await deltaPath(london), await deltaPath(member)] as const;
      const role = { kind: 'addRole', user: users.london, role: 'ReferralAdmin', mpnId: '5512345' } as const;
      await operations.changeDirectory(role);
      await gone(london, paths[0], reason);
      await operations.changeDirectory({ ...role, kind: 'removeRole' });
      expect((await london.ask('GET', paths[0])).status).toBe(200);
      const user = { organization: contosoId, name: users.member, email: 'other@contoso.com' };
      await operations.changeDirectory({ kind: 'addUser', ...user });
      await gone(member, paths[1], reason);
    });
  });

  it('is refused or passed over where extensions are off', async () => {
    const place = await engine.makeSamplePlace();
    const on = await startTestServer(engine, {}, place);
    const admin = await partyOf(on, users.admin);
    const path = await deltaPath(admin);
    const [first] = await pagesFrom(admin, collection, { headers: { prefer: 'maxpagesize=5, track-changes' } });
    await on.stop();
    const off = await startTestServer(engine, { EXTENSIONS: 'off' }, place);
    const party = await partyOf(off, users.admin);
    for (const query of [path, `${collection}?$deltatoken=latest`, `${collection}?$deltatoken=`]) {
      const error = expectEnvelope(await party.ask('GET', query), 400, 'optionNotAllowed');
      expect(error.message).toContain("The query parameter '$deltatoken' is not supported.");
    }
    for (const at of [collection, pathOf(first?.['@odata.nextLink'] ?? '')]) {
      const answer = await party.ask('GET', at, undefined, tracking);
      expect(pageIn(answer)['@odata.deltaLink']).toBeUndefined();
      expect(answer.headers['preference-applied']).toBeUndefined();
      expect(answer.headers['cosell-extension']).toBeUndefined();
    }
    expect((await party.ask('GET', `${collection}?$top=1`, undefined, tracking)).status).toBe(200);
    await off.close();
    await place.remove();
  });

  it('is of lists only', async () => {
    expectEnvelope(await opened.admin.ask('GET', `${collection}/${ids.lead}?$deltatoken=x`), 400, 'optionNotAllowed');
    expectEnvelope(await opened.admin.ask('GET', `${collection}/${unknownIds[0]}?$deltatoken=latest`), 400);
    expectEnvelope(await opened.admin.list('$deltatoken=a&$deltatoken=b'), 400, 'optionRepeated');
  });
});
