import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, expectEnvelope } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { ids, unknownIds, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

interface Draft {
  authorization: string | undefined;
  method: string;
  user: string;
  accept: string;
  id: string;
  suffix: string;
}

/** Faults of a request in the order in which they are told (decision 35). */
const faults: readonly {
  readonly title: string;
  readonly status: number;
  readonly innerCode: string;
  readonly add: (draft: Draft) => void;
}[] = [
  {
    title: 'no token',
    status: 401,
    innerCode: 'tokenMissing',
    add: (draft) => {
      draft.authorization = undefined;
    },
  },
  {
    title: 'a wrong method',
    status: 405,
    innerCode: 'methodNotAllowed',
    add: (draft) => {
      draft.method = 'DELETE';
    },
  },
  {
    title: 'a wrong option',
    status: 400,
    innerCode: 'optionNotAllowed',
    add: (draft) => {
      draft.suffix = '?$expand=team';
    },
  },
  {
    title: 'a wrong Accept',
    status: 406,
    innerCode: 'notAcceptable',
    add: (draft) => {
      draft.accept = 'text/html';
    },
  },
  {
    title: 'no role',
    status: 403,
    innerCode: 'roleMissing',
    add: (draft) => {
      draft.user = users.nobody;
    },
  },
  {
    title: "another's referral",
    status: 404,
    innerCode: 'referralNotFound',
    add: (draft) => {
      draft.id = ids.tailspin;
    },
  },
];

/** Every choice of at least one fault. */
const choices = Array.from({ length: 2 ** faults.length - 1 }, (_, at) =>
  faults.filter((_fault, bit) => ((at + 1) >> bit) & 1),
).map((chosen) => ({ chosen, title: chosen.map(({ title }) => title).join(', ') }));

describeOnSqlite('of several faults the first is told', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());

  const send = async (change: (draft: Draft) => void) => {
    const draft: Draft = {
      authorization: 'a token',
      method: 'GET',
      user: users.admin,
      accept: 'application/json',
      id: ids.lead,
      suffix: '',
    };
    change(draft);
    const authorization =
      draft.authorization === undefined ? {} : { authorization: `Bearer ${await server.tokenOf(draft.user)}` };
    const { method, accept, id, suffix } = draft;
    return server.ask(`${collection}/${id}${suffix}`, { method, headers: { ...authorization, accept } });
  };

  it('and without any there is an answer', async () => {
    expect((await send(() => undefined)).status).toBe(200);
  });

  it.each(choices)('$title', async ({ chosen }) => {
    const answer = await send((draft) => {
      for (const { add } of chosen) add(draft);
    });
    const [first] = chosen;
    if (first === undefined) throw new Error('a choice holds a fault');
    expectEnvelope(answer, first.status, first.innerCode);
  });

  describe('and between the others', () => {
    const as = async (user: string, path: string, method = 'GET', headers = {}) =>
      server.askAs(user, path, { method, headers });

    it('a path of nothing goes before method, Accept, options and role', async () => {
      const sent = await as(users.nobody, '/v1.0/referrals/x?$expand=x', 'DELETE', { accept: 'text/html' });
      expectEnvelope(sent, 404, 'routeNotFound');
      const dollar = await as(users.nobody, `${collection}/$value?$expand=x`, 'DELETE', { accept: 'text/html' });
      expectEnvelope(dollar, 404, 'routeNotFound');
    });

    it('a role goes before the form of the id, and the form before the referral', async () => {
      expectEnvelope(await as(users.nobody, `${collection}/x`), 403, 'roleMissing');
      expectEnvelope(await as(users.admin, `${collection}/x`), 404, 'malformedId');
    });

    it('visibility goes before If-Match and If-None-Match', async () => {
      for (const header of ['if-match', 'if-none-match']) {
        for (const value of ['*', '"x"', 'garbage']) {
          const foreign = await as(users.admin, `${collection}/${ids.tailspin}`, 'GET', { [header]: value });
          expectEnvelope(foreign, 404, 'referralNotFound');
          const far = await as(users.member, `${collection}/${ids.lead}`, 'GET', { [header]: value });
          expectEnvelope(far, 403, 'notOnTeam');
        }
      }
    });

    it('reach goes before the marketplace, so that only who may see a lead learns what it is', async () => {
      expectEnvelope(await as(users.member, `${collection}/${ids.marketplace}`), 403, 'notOnTeam');
      expectEnvelope(await as(users.admin, `${collection}/${ids.marketplace}`), 404, 'marketplaceLeadNotSupported');
    });

    it('an expired token goes before everything, its audience too', async () => {
      const token = await server.tokenOf(users.nobody);
      server.clock.aheadMs = 7_200_000;
      const headers = { authorization: `Bearer ${token}`, accept: 'text/html' };
      const answer = await server.ask(`${collection}/${unknownIds[0]}?$expand=x`, { method: 'PUT', headers });
      server.clock.aheadMs = 0;
      expectEnvelope(answer, 401, 'tokenExpired');
    });

    it('a broken URL is told first of all, as nothing can be found by it', async () => {
      expectEnvelope(await server.ask(`${collection}/%zz`), 400, 'malformedUrl');
    });
  });
});
