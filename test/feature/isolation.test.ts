import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alias, collection, comparable, expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { ids, unknownIds, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/**
 * What each user gets for each referral, by decisions 9 to 13: `own` the record, `view` what its owner shows, `reach`
 * 403 because the role does not reach it, `none` 404 as for an id of nothing, `market` 404 for a marketplace lead.
 * Somebody without a role gets 403 everywhere (`role`).
 *
 * (Decision 34 will show Microsoft the first line of `partnerLed` and `won`; this version does not: here they are `none`.)
 */
const table = `
                    admin   member  london  nobody  seller  tailspin
  lead              own     reach   reach   role    none    none
  coSell            own     reach   reach   role    view    none
  coSellOfMicrosoft view    none    none    role    own     none
  london            own     reach   own     role    none    none
  partnerLed        own     own     reach   role    none    none
  marketplace       market  reach   reach   role    none    none
  tailspin          none    none    none    role    none    own
  joint             own     reach   reach   role    none    view
  jointOfTailspin   view    none    none    role    none    own
  won               own     own     reach   role    none    none
  expired           own     reach   own     role    none    none
`;

const [header = [], ...rows] = table
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));
type User = keyof typeof users;
type Referral = keyof typeof ids;
const cells = rows.flatMap(([referral, ...outcomes]) =>
  outcomes.map((outcome, at) => ({ user: header[at] as User, referral: referral as Referral, outcome })),
);

const refusals: Readonly<Record<string, readonly [status: number, innerCode: string]>> = {
  reach: [403, 'outOfReach'],
  none: [404, 'referralNotFound'],
  market: [404, 'marketplaceLeadNotSupported'],
  role: [403, 'roleMissing'],
};

describeOnEachEngine('isolation', (engine) => {
  let server: TestServer;
  const tokens = new Map<string, string>();
  beforeAll(async () => {
    server = await startTestServer(engine);
    for (const user of Object.values(users)) tokens.set(user, await server.tokenOf(user));
  });
  afterAll(() => server.close());
  const ask = (user: User, path: string, method = 'GET') =>
    server.ask(path, { method, headers: { authorization: `Bearer ${tokens.get(users[user])}` } });
  /** What this user gets for an id of nothing. */
  const nothing = (user: User, method = 'GET') => ask(user, `${collection}/${unknownIds[0]}`, method);

  it('has a cell for every user and every referral of the sample', async () => {
    expect(cells).toHaveLength(Object.keys(users).length * Object.keys(ids).length);
    expect([...new Set(cells.map(({ user }) => user))].sort()).toEqual(Object.keys(users).sort());
    const { users: inDirectory } = await server.exchange.store.listDirectory();
    expect(inDirectory.map(({ name }) => name).sort()).toEqual(Object.values(users).sort());
  });

  describe.each(cells)('$user asks for $referral: $outcome', ({ user, referral, outcome }) => {
    const id = ids[referral];

    it('by every path and both methods', async () => {
      const first = await ask(user, `${collection}/${id}`);
      const [status, innerCode] = refusals[outcome] ?? [200];
      if (status === 200) expect(first.status).toBe(200);
      else expectEnvelope(first, status, innerCode);
      for (const path of [`${alias}/${id}`, `${collection}('${id.toUpperCase()}')`, `${alias}/${id}//`]) {
        expect(comparable(await ask(user, path))).toEqual(comparable(first));
      }
      const head = await ask(user, `${collection}/${id}`, 'HEAD');
      expect(comparable(head)).toEqual({ ...comparable(first), text: '' });
    });

    if (outcome === 'own' || outcome === 'view') {
      it('gets this referral and no other', async () => {
        const answer = await ask(user, `${collection}/${id}`);
        expect(answer.json()).toMatchObject({ id, eTag: answer.headers.etag });
      });
    }

    if (outcome === 'none') {
      it('cannot be told from an id of nothing, by any method', async () => {
        for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
          const answer = comparable(await ask(user, `${collection}/${id}`, method));
          expect(answer).toEqual(comparable(await nothing(user, method)));
        }
      });

      it('cannot be told from it with conditions, options or sub-paths either', async () => {
        for (const suffix of ['?$format=json', '?$expand=x', '/', '/team', '/$value', '?x=1']) {
          const answer = comparable(await ask(user, `${collection}/${id}${suffix}`));
          expect(answer).toEqual(comparable(await ask(user, `${collection}/${unknownIds[1]}${suffix}`)));
        }
        for (const header of [{ 'if-none-match': '*' }, { 'if-match': '"x"' }, { accept: 'text/html' }]) {
          const headers = { authorization: `Bearer ${tokens.get(users[user])}`, ...header } as Record<string, string>;
          const answer = comparable(await server.ask(`${collection}/${id}`, { headers }));
          expect(answer).toEqual(comparable(await server.ask(`${collection}/${unknownIds[2]}`, { headers })));
        }
      });

      it('does not name the id', async () => {
        expect((await ask(user, `${collection}/${id}`)).text).not.toContain(id.slice(0, 8));
      });
    }
  });

  it('answers ids of nothing alike, to whoever has a role', async () => {
    const wanted = comparable(await nothing('admin'));
    for (const user of ['admin', 'member', 'london', 'seller', 'tailspin'] as const) {
      for (const id of unknownIds) {
        expect(comparable(await ask(user, `${collection}/${id}`))).toEqual(wanted);
        expect(comparable(await ask(user, `${alias}/${id.toUpperCase()}`))).toEqual(wanted);
      }
    }
  });

  it('tells somebody without a role nothing, whatever he asks for', async () => {
    const wanted = comparable(await ask('nobody', `${collection}/${ids.lead}`));
    for (const id of [...Object.values(ids), ...unknownIds, 'not-an-id']) {
      expect(comparable(await ask('nobody', `${collection}/${id}`))).toEqual(wanted);
    }
  });

  it('says of an own record out of reach what is documented', async () => {
    const error = expectEnvelope(await ask('member', `${collection}/${ids.lead}`), 403);
    expect(error).toEqual({
      code: 'accessDenied',
      message: 'Caller is not authorized to access the resource.',
      target: 'referral',
      innerError: { code: 'outOfReach', message: 'Unauthorized referral access', details: null },
      details: [],
    });
  });

  it('tells only those of a marketplace lead who would otherwise see it', async () => {
    const lead = `${collection}/${ids.marketplace}`;
    expectEnvelope(await ask('admin', lead), 404, 'marketplaceLeadNotSupported');
    expect(comparable(await ask('member', lead))).toEqual(comparable(await ask('member', `${collection}/${ids.lead}`)));
    expect(comparable(await ask('seller', lead))).toEqual(comparable(await nothing('seller')));
    for (const user of Object.keys(users) as User[]) {
      const { text } = await ask(user, lead);
      for (const secret of ['Coho', 'Napa', 'lee.gu', 'ContactMe']) expect(text).not.toContain(secret);
    }
  });
});
