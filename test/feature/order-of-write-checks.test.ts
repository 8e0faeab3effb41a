import { afterAll, beforeAll, describe, it } from 'vitest';
import { collection, expectEnvelope } from '../support/answers.ts';
import { privateDeal } from '../support/documented-requests.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { ids, unknownIds, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { writingAs } from '../support/writing.ts';

interface Draft {
  user: string | undefined;
  method: string;
  path: string;
  headers: Record<string, string>;
  id: string;
  body: string;
}

const notes = '[{"op":"replace","path":"/details/notes","value":"x"}]';

/** Faults of a write in the order in which they are told (decision 35); each draft is a PATCH of a won deal of one's own. */
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
      draft.user = undefined;
    },
  },
  {
    title: 'a path of nothing',
    status: 404,
    innerCode: 'routeNotFound',
    add: (draft) => {
      draft.path = '/v1.0/nothing';
    },
  },
  {
    title: 'a wrong method',
    status: 405,
    innerCode: 'methodNotAllowed',
    add: (draft) => {
      draft.method = 'POST';
    },
  },
  {
    title: 'too large a body',
    status: 413,
    innerCode: 'bodyTooLarge',
    add: (draft) => {
      draft.body += ' '.repeat(1_048_576);
    },
  },
  {
    title: 'a wrong type',
    status: 415,
    innerCode: 'mediaTypeNotSupported',
    add: (draft) => {
      draft.headers['content-type'] = 'text/plain';
    },
  },
  {
    title: 'a wrong Accept',
    status: 406,
    innerCode: 'notAcceptable',
    add: (draft) => {
      draft.headers.accept = 'text/html';
    },
  },
  {
    title: 'no role',
    status: 403,
    innerCode: 'roleMissing',
    add: (draft) => {
      if (draft.user !== undefined) draft.user = users.nobody;
    },
  },
  {
    title: 'a foreign referral',
    status: 404,
    innerCode: 'referralNotFound',
    add: (draft) => {
      draft.id = ids.tailspin;
    },
  },
  {
    title: 'a wrong body',
    status: 400,
    innerCode: 'invalidBody',
    add: (draft) => {
      draft.body = draft.body.replace('"x"', '[]');
    },
  },
  {
    title: 'a stale If-Match',
    status: 412,
    innerCode: '99918',
    add: (draft) => {
      draft.headers['if-match'] = '"stale"';
    },
  },
  { title: 'a closed referral', status: 400, innerCode: 'terminalReferral', add: () => undefined },
];

const pairs = faults.flatMap((first, index) => faults.slice(index + 1).map((second) => ({ first, second })));

describeOnEachEngine('of the faults of a write the first is told', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());

  const send = async (chosen: readonly (typeof faults)[number][]) => {
    const draft: Draft = {
      user: users.admin,
      method: 'PATCH',
      path: collection,
      headers: { 'content-type': 'application/json' },
      id: ids.won,
      body: notes,
    };
    for (const { add } of chosen) add(draft);
    const { user, method, path, headers, id, body } = draft;
    const authorization = user === undefined ? {} : { authorization: `Bearer ${await server.tokenOf(user)}` };
    return server.ask(`${path}/${id}`, { method, headers: { ...headers, ...authorization }, body });
  };

  it.each(pairs)('$first.title goes before $second.title', async ({ first, second }) => {
    expectEnvelope(await send([first, second]), first.status, first.innerCode);
    expectEnvelope(await send([second, first]), first.status, first.innerCode);
  });

  it('and all of them at once', async () => {
    for (let from = 0; from < faults.length; from += 1) {
      const first = faults[from];
      if (first !== undefined) expectEnvelope(await send(faults.slice(from)), first.status, first.innerCode);
    }
  });

  describe('by other users and methods', () => {
    const asking = (user: string, id: string, headers = {}) => writingAs(server, user).patch(id, '{', headers);

    it('what is out of reach, or owned by another, goes before the body and If-Match', async () => {
      const stale = { 'if-match': '"x"' };
      expectEnvelope(await asking(users.member, ids.lead, stale), 403, 'notOnTeam');
      expectEnvelope(await asking(users.admin, ids.coSellOfMicrosoft, stale), 403, 'notTheOwner');
      expectEnvelope(await asking(users.admin, ids.marketplace, stale), 404, 'marketplaceLeadNotSupported');
      expectEnvelope(await asking(users.admin, unknownIds[0] ?? '', stale), 404, 'referralNotFound');
      expectEnvelope(await asking(users.admin, 'x', stale), 404, 'malformedId');
      expectEnvelope(await asking(users.nobody, 'x', stale), 403, 'roleMissing');
    });

    it('a stale tag goes before a patch that leads nowhere in this version, and after one that leads nowhere at all', async () => {
      const contoso = writingAs(server, users.admin);
      const { id } = await contoso.create(privateDeal);
      const headers = { 'if-match': '"x"' };
      const item = [{ op: 'replace', path: '/team/7/email', value: 'x' }];
      expectEnvelope(await contoso.patch(id, item, headers), 412, '99918');
      expectEnvelope(await contoso.patch(id, item), 400, 'invalidBody');
      const nowhere = [{ op: 'replace', path: '/teem/7/email', value: 'x' }];
      expectEnvelope(await contoso.patch(id, nowhere, headers), 400, 'invalidBody');
    });

    it('a missing If-Match of a PUT goes after visibility and before the body', async () => {
      const put = (id: string) => writingAs(server, users.admin).put(id, '{');
      expectEnvelope(await put(ids.tailspin), 404, 'referralNotFound');
      expectEnvelope(await put(ids.coSellOfMicrosoft), 403, 'notTheOwner');
      expectEnvelope(await put(ids.won), 400, 'ifMatchMissing');
    });

    it('of a POST the role goes before the body, and type and size before the role', async () => {
      const nobody = writingAs(server, users.nobody);
      expectEnvelope(await nobody.post('{'), 403, 'roleMissing');
      expectEnvelope(await nobody.post('{', { 'content-type': 'text/plain' }), 415, 'mediaTypeNotSupported');
      expectEnvelope(await nobody.post(' '.repeat(1_048_577)), 413, 'bodyTooLarge');
    });
  });
});
