import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeOnEachEngine } from '../support/engines.ts';
import {
  deal,
  expectLinear,
  invitation,
  moving,
  operatorOf,
  type Party,
  partyOf,
  type Shown,
  setting,
  sharedDeal,
  targeting,
  targets,
} from '../support/parties.ts';
import { organizations, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** How many of the answers have each status. */
function tally(answers: readonly { readonly status: number }[]): Record<number, number> {
  const counted: Record<number, number> = {};
  for (const { status } of answers) counted[status] = (counted[status] ?? 0) + 1;
  return counted;
}

describeOnEachEngine('at the same time', (engine) => {
  let server: TestServer;
  let contoso: Party;
  let tailspin: Party;
  let seller: Party;
  beforeAll(async () => {
    server = await startTestServer(engine);
    [contoso, tailspin, seller] = await Promise.all([
      partyOf(server, users.admin),
      partyOf(server, users.tailspin),
      partyOf(server, users.seller),
    ]);
  });
  afterAll(() => server.close());

  describe('32 writers with If-Match on one referral', () => {
    const writers = 32;
    const rounds = 12;
    let created: Shown;
    const accepted: { value: number; notes: string; eTag: string }[] = [];

    it('have exactly one winner in each round, and all others are told 412', async () => {
      created = await contoso.create(deal());
      let eTag = created.eTag;
      for (let round = 0; round < rounds; round += 1) {
        const answers = await Promise.all(
          Array.from({ length: writers }, async (_, writer) => {
            const value = round * 100 + writer;
            const notes = `round ${round}, writer ${writer}`;
            const operations = setting({ '/details/dealValue': value, '/details/notes': notes });
            const answer = await contoso.patch(created.id, operations, { 'if-match': eTag });
            return { value, notes, status: answer.status, eTag: String(answer.headers.etag) };
          }),
        );
        expect(tally(answers)).toEqual({ 204: 1, 412: writers - 1 });
        const winner = answers.find(({ status }) => status === 204);
        if (winner === undefined) throw new Error('nobody has won');
        accepted.push(winner);
        eTag = winner.eTag;
      }
    });

    it('leave what the accepted patches make, one after the other', async () => {
      const now = await contoso.read(created.id);
      const last = accepted.at(-1);
      const details = { ...(created.details as object), dealValue: last?.value, notes: last?.notes };
      expect({ ...now, updatedDateTime: '' }).toEqual({ ...created, details, eTag: last?.eTag, updatedDateTime: '' });
    });

    it('leave a log in which each change begins where the former ended, and no accepted one is missing', async () => {
      const changes = await contoso.history(created.id);
      expectLinear(changes, await contoso.read(created.id));
      expect(changes.map(({ kind }) => kind)).toEqual(['created', ...accepted.map(() => 'changed')]);
      expect(changes.slice(1).map(({ eTag }) => eTag)).toEqual(accepted.map(({ eTag }) => eTag));
      expect(changes.slice(1).map(({ after }) => after?.details)).toMatchObject(
        accepted.map(({ notes }) => ({ notes })),
      );
    });
  });

  it('writers without If-Match all win, none is lost, and the log has each of them once', async () => {
    const { id, engagementId } = await contoso.create(sharedDeal());
    const view = await seller.read(id);
    const names = Array.from({ length: 24 }, (_, writer) => `Deal ${writer}`);
    const answers = await Promise.all(names.map((name) => contoso.patch(id, setting({ '/name': name }))));
    expect(tally(answers)).toEqual({ 204: names.length });
    const changes = await contoso.history(id);
    expectLinear(changes, await contoso.read(id));
    expect(
      changes
        .slice(1)
        .map(({ after }) => after?.name)
        .toSorted(),
    ).toEqual(names.toSorted());
    // What Microsoft reads of it has gone the same way.
    const seen = await seller.history(id);
    expectLinear(seen, await seller.read(id));
    expect(seen[0]?.after?.eTag).toBe(view.eTag);
    expect(seen.slice(1).map(({ after }) => after?.name)).toEqual(changes.slice(1).map(({ after }) => after?.name));
    expect(seen.every(({ after }) => after?.engagementId === engagementId)).toBe(true);
  });

  it('the sequence of an organisation has no gap and no number twice, whoever writes to it', async () => {
    const rows = async (organizationId: string) => {
      const found: number[] = [];
      for (const party of [contoso, tailspin, seller]) {
        const { value } = (await party.list('$top=1000')).json<{ value: Shown[] }>();
        for (const { id, organizationId: owner } of value) {
          if (owner === organizationId) found.push(...(await party.history(id)).map(({ sequence }) => sequence));
        }
      }
      return found;
    };
    const before = new Set(await rows(organizations.tailspin));
    await Promise.all(Array.from({ length: 24 }, (_, at) => tailspin.create(deal({ name: `Burst ${at}` }))));
    const added = (await rows(organizations.tailspin)).filter((sequence) => !before.has(sequence));
    const first = Math.min(...added);
    expect(added.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 24 }, (_, at) => first + at));
  });

  it('parties who change what the others read do not stand in each other’s way', async () => {
    const own = await contoso.create(deal({ type: 'Shared' }));
    const theirs = await contoso.create(invitation(own.engagementId, targets.tailspin));
    await tailspin.move(theirs.id, 'Active/Accepted');
    const deals = await Promise.all(Array.from({ length: 4 }, () => contoso.create(sharedDeal({ type: 'Shared' }))));
    const ofMicrosoft = await Promise.all(
      deals.map(({ engagementId }) => contoso.create(invitation(engagementId, targets.microsoft))),
    );
    await Promise.all(ofMicrosoft.map(({ id }) => seller.move(id, 'Active/Accepted')));
    const writes = Array.from({ length: 6 }, (_, round) => [
      contoso.patch(own.id, setting({ '/name': `Ours ${round}` })),
      tailspin.patch(theirs.id, setting({ '/name': `Theirs ${round}` })),
      ...deals.map(({ id }, at) => contoso.patch(id, setting({ '/name': `Deal ${at}, ${round}` }))),
      ...ofMicrosoft.map(({ id }, at) => seller.patch(id, setting({ '/name': `Deal ${at} here, ${round}` }))),
    ]).flat();
    // Transactions that block each other are broken off and tried again, and at last answered with 503.
    expect(tally(await Promise.all(writes))).toEqual({ 204: writes.length });
    for (const { id } of [own, theirs, ...deals, ...ofMicrosoft]) {
      expectLinear(await contoso.history(id), await contoso.read(id));
    }
    for (const { id } of [own, theirs]) expectLinear(await tailspin.history(id), await tailspin.read(id));
    for (const { id } of [...deals, ...ofMicrosoft]) expectLinear(await seller.history(id), await seller.read(id));
  });

  it('a history is whole while others write', async () => {
    const { id } = await contoso.create(deal());
    let isWriting = true;
    const writing = (async () => {
      for (let round = 0; round < 40; round += 1) await contoso.change(id, { '/details/dealValue': round });
      isWriting = false;
    })();
    while (isWriting) expectLinear(await contoso.history(id));
    await writing;
  });

  it('invitations into one engagement leave one open record for each organisation', async () => {
    const { engagementId } = await contoso.create(deal({ type: 'Shared' }));
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        contoso.post(invitation(engagementId, at % 2 === 0 ? targets.microsoft : targets.tailspin)),
      ),
    );
    expect(tally(answers)).toEqual({ 200: 2, 400: 10 });
    for (const answer of answers.filter(({ status }) => status === 400)) {
      expect(answer.json<{ error: { details: { code: string }[] } }>().error.details[0]?.code).toBe('secondOpenRecord');
    }
    const records = (await contoso.list(`$filter=engagementId eq ${engagementId}`)).json<{ value: Shown[] }>().value;
    expect(records.map(({ organizationId }) => organizationId).toSorted()).toEqual(
      Object.values(organizations).toSorted(),
    );
  });

  it('of two who close a referral differently, one is too late', async () => {
    for (let round = 0; round < 6; round += 1) {
      const { id } = await contoso.create(deal());
      const states = ['Closed/Won', 'Closed/Lost', 'Closed/Error'];
      const answers = await Promise.all(states.map((state) => contoso.patch(id, moving(state))));
      expect(tally(answers)).toEqual({ 204: 1, 400: 2 });
      const { status, substatus } = await contoso.read(id);
      expect(`${status}/${substatus}`).toBe(states[answers.findIndex((answer) => answer.status === 204)]);
      expect(await contoso.history(id)).toHaveLength(2);
    }
  });

  it('a request and its repetitions are one write', async () => {
    const { id } = await contoso.create(deal());
    const headers = {
      'repeatability-request-id': '5b0c9c1e-0000-4000-8000-000000000001',
      'repeatability-first-sent': new Date().toUTCString(),
    };
    const operations = [{ op: 'add', path: '/team/-', value: { firstName: 'Jane', email: 'jane.doe@contoso.com' } }];
    const answers = await Promise.all(Array.from({ length: 8 }, () => contoso.patch(id, operations, headers)));
    expect(tally(answers)).toEqual({ 204: 8 });
    expect(new Set(answers.map((answer) => answer.headers.etag)).size).toBe(1);
    expect((await contoso.read(id)).team).toHaveLength(2);
    expect(await contoso.history(id)).toHaveLength(2);
  });

  it('an acceptance and the expiry of the same referral: one of them counts, and the answer says which', async () => {
    const operator = await operatorOf(server);
    const { now } = await operator.clock({ freeze: true });
    for (let round = 0; round < 5; round += 1) {
      const { id, expirationDateTime } = await seller.create(
        deal({ target: targeting(targets.redmond), name: `Lead ${round}` }),
      );
      await operator.clock({ now: new Date(Date.parse(String(expirationDateTime)) - 1).toISOString() });
      const [answer] = await Promise.all([
        contoso.patch(id, moving('Active/Accepted')),
        operator.clock({ advance: 'PT0.001S' }),
        contoso.list("$filter=status eq 'New'"),
        seller.get(id),
      ]);
      const { substatus } = await contoso.read(id);
      expect([answer?.status, substatus]).toEqual(answer?.status === 204 ? [204, 'Accepted'] : [400, 'Expired']);
      const changes = await contoso.history(id);
      expectLinear(changes, await contoso.read(id));
      expect(changes).toHaveLength(2);
    }
    expect(Date.parse(now)).toBeGreaterThan(0);
  });
});
