import { searchTextOf } from '@cosell/model';
import { createOperations } from '@cosell/server';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { recordActs } from '@cosell/server/domain/record-acts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alias, collection, comparable, expectEnvelope } from '../support/answers.ts';
import { answersOf, batchPaths, type Item } from '../support/batches.ts';
import { readWell } from '../support/captures.ts';
import { directoryClient, directoryOf, directoryRoutes, pathOf } from '../support/directory.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { ids, organizations, unknownIds, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/**
 * What each user gets for each referral, by decisions 9 to 13: `own` the record, `view` what its owner shows, `reach`
 * 403 because the role is for other locations, `team` because he is not on the team, `none` 404 as for an id of nothing, `market` 404 for a marketplace lead.
 * Somebody without a role gets 403 everywhere (`role`). Of deals that their owner lets Microsoft's sellers see, they read
 * the first line (decision 34).
 */
const table = `
                    admin   member  london  nobody  seller  tailspin
  lead              own     team    reach   role    none    none
  coSell            own     team    reach   role    view    none
  coSellOfMicrosoft view    none    none    role    own     none
  london            own     team    own     role    none    none
  partnerLed        own     own     reach   role    view    none
  marketplace       market  team    reach   role    none    none
  tailspin          none    none    none    role    none    own
  joint             own     team    reach   role    none    view
  jointOfTailspin   view    none    none    role    none    own
  won               own     own     reach   role    view    none
  expired           own     team    own     role    none    none
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

/** The engagements of the sample, with their records. */
const engagements: Readonly<Record<string, readonly Referral[]>> = {
  '65edc0b5-3485-41b7-a17e-dfa9ef4706e2': ['lead'],
  '37ef26aa-1d15-4533-9f93-a69bd33ab1e5': ['coSell', 'coSellOfMicrosoft'],
  '8e9f0a1b-2c3d-4e5f-8a6b-7c8d9e0f1a2b': ['joint', 'jointOfTailspin'],
  '1f2e3d4c-5b6a-4798-8a9b-acbdcedfe0f1': ['tailspin'],
  'f0e1d2c3-b4a5-4968-8778-695a4b3c2d1e': ['marketplace'],
  '00000000-0000-4000-8000-000000000000': [],
};

const refusals: Readonly<Record<string, readonly [status: number, innerCode: string]>> = {
  reach: [403, 'locationOutOfReach'],
  team: [403, 'notOnTeam'],
  none: [404, 'referralNotFound'],
  market: [404, 'marketplaceLeadNotSupported'],
  role: [403, 'roleMissing'],
};

/** Writes that cannot succeed, whoever sends them: a fault of the body or of the condition. */
const hopeless = [
  ['PATCH', '{', {}],
  ['PATCH', '[{"op":"replace","path":"/eTag","value":"x"}]', {}],
  ['PATCH', '[]', { 'if-match': '"stale"' }],
  ['PUT', '{}', {}],
  ['PUT', '{}', { 'if-match': '"stale"' }],
  ['PUT', '[]', { 'if-match': '*' }],
] as const;

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

  const write = (user: User, method: string, path: string, body: string, headers = {}) =>
    server.ask(path, {
      method,
      body,
      headers: {
        authorization: `Bearer ${tokens.get(users[user])}`,
        'content-type': 'application/json',
        ...headers,
      } as Record<string, string>,
    });

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

    it('and its history, and what it was', async () => {
      const first = await ask(user, `${collection}/${id}`);
      const [status, innerCode] = refusals[outcome] ?? [200];
      for (const path of [`${id}/history`, `${id}?asOf=2999-01-01`, `${id.toUpperCase()}//history/`]) {
        const answer = await ask(user, `${collection}/${path}`);
        if (status === 200) expect(answer.status).toBe(200);
        else expectEnvelope(answer, status, innerCode);
        if (path.includes('asOf') && status === 200) expect(answer.text).toBe(first.text);
      }
      // Before the exchange knew it, it was nothing to anybody.
      const past = await ask(user, `${collection}/${id}?asOf=1999-01-01`);
      if (status === 200) expect(past.text).toBe((await nothing('admin')).text);
      else expect(comparable(past)).toEqual(comparable(first));
    });

    it('and changes it by PATCH and PUT only if it is his own', async () => {
      const [status, innerCode] = outcome === 'view' ? [403, 'notTheOwner'] : (refusals[outcome] ?? [204]);
      const before = (await ask(user, `${collection}/${id}`)).text;
      for (const at of [collection, alias]) {
        const noChange = await write(user, 'PATCH', `${at}/${id}`, '[]');
        if (status === 204) expect(noChange.status, noChange.text).toBe(204);
        else expectEnvelope(noChange, status, innerCode);
        // Who may not write is told nothing of body or condition (decision 35).
        for (const [method, body, headers] of hopeless) {
          const answer = await write(user, method, `${at}/${id}`, body, headers);
          if (status === 204) expect([400, 412]).toContain(answer.status);
          else expect(comparable(answer)).toEqual(comparable(noChange));
        }
      }
      expect((await ask(user, `${collection}/${id}`)).text).toBe(before);
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
        const suffixes = [
          '?$format=json',
          '?$expand=x',
          '/',
          '/team',
          '/$value',
          '?x=1',
          '/history',
          '?asOf=2030-01-01',
        ];
        for (const suffix of [...suffixes, '?asOf=x', '/history?$format=json', '/History/']) {
          const answer = comparable(await ask(user, `${collection}/${id}${suffix}`));
          expect(answer).toEqual(comparable(await ask(user, `${collection}/${unknownIds[1]}${suffix}`)));
        }
        const prefers = ['include-annotations="cosell.*"', 'validate-only', 'return=representation'];
        for (const prefer of prefers) {
          for (const method of ['GET', 'PATCH', 'PUT']) {
            const [answer, wanted] = [
              await write(user, method, `${collection}/${id}`, '{}', { prefer }),
              await write(user, method, `${collection}/${unknownIds[1]}`, '{}', { prefer }),
            ];
            expect(comparable(answer)).toEqual(comparable(wanted));
          }
        }
        const full = { accept: 'application/json;odata.metadata=full;IEEE754Compatible=true' };
        const old = { 'odata-maxversion': '3.0' };
        for (const header of [{ 'if-none-match': '*' }, { 'if-match': '"x"' }, { accept: 'text/html' }, full, old]) {
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

  it.each(Object.keys(users) as User[])('has %s reach no more by a batch than by single requests', async (user) => {
    const authorization = `Bearer ${tokens.get(users[user])}`;
    const send = (requests: readonly Item[]) =>
      server.ask(batchPaths[0], {
        method: 'POST',
        headers: { authorization },
        body: JSON.stringify({ requests }),
      });
    if (user === 'nobody') return void expectEnvelope(await send([]), 403, 'roleMissing');
    const all = [...Object.values(ids), ...unknownIds];
    const items = all.flatMap((id, at): Item[] => [
      { id: `get${at}`, method: 'GET', url: `referrals/${id}` },
      { id: `past${at}`, method: 'GET', url: `referrals/${id}/history` },
      { id: `patch${at}`, method: 'PATCH', url: `referrals/${id}`, body: [] },
      { id: `group${at}`, method: 'PATCH', url: `/engagements/v1/referrals/${id}`, body: [], atomicityGroup: `g${at}` },
      // What a request could not read, nothing can be taken from.
      {
        id: `copy${at}`,
        method: 'GET',
        url: `referrals?$filter=engagementId eq $get${at}/engagementId`,
        dependsOn: [`get${at}`],
        if: `$get${at}/$succeeded or not $get${at}/$succeeded`,
      },
    ]);
    const answers = answersOf(await send(items));
    for (const [at, id] of all.entries()) {
      const [read, past, patched, grouped, copied] = answers.slice(at * 5);
      const alone = await ask(user, `${collection}/${id}`);
      expect([read?.status, read?.text]).toEqual([alone.status, alone.text]);
      expect(past?.text).toBe((await ask(user, `${collection}/${id}/history`)).text);
      const written = await write(user, 'PATCH', `${collection}/${id}`, '[]');
      for (const answer of [patched, grouped]) {
        expect([answer?.status, answer?.text]).toEqual([written.status, written.text]);
      }
      expect(copied?.status).toBe(alone.status === 200 ? 200 : 400);
    }
  });

  describe.each(Object.keys(users).filter((user) => user !== 'nobody') as User[])('the list of %s', (user) => {
    /** What the table says that he reads, of some of the referrals. */
    const readable = (outcomes: readonly string[], among: readonly Referral[] = Object.keys(ids) as Referral[]) =>
      cells
        .filter((cell) => cell.user === user && outcomes.includes(cell.outcome) && among.includes(cell.referral))
        .map(({ referral }) => ids[referral])
        .sort();
    const listed = async (query: string) => {
      const answer = await ask(user, `${collection}?${query}`);
      expect(answer.status, answer.text).toBe(200);
      const { value, '@odata.count': count } = answer.json<{ value: { id: string }[]; '@odata.count': number }>();
      // A count may not tell of anything that the list does not show.
      expect(count).toBe(value.length);
      const filter = new URLSearchParams(query);
      filter.delete('$orderby');
      expect((await ask(user, `${collection}/$count?${filter}`)).text).toBe(String(count));
      return value.map(({ id }) => id).sort();
    };

    it('has his own that he reaches, and nothing else', async () => {
      expect(await listed('')).toEqual(readable(['own']));
      expect(await listed('$filter=true')).toEqual(readable(['own']));
      expect(await listed("$filter=status%20ne%20'None'&$orderby=details/dealValue")).toEqual(readable(['own']));
    });

    it('has the others of an engagement that he asks for and has a record in, as views', async () => {
      for (const [engagement, members] of Object.entries(engagements)) {
        const wanted = readable(['own', 'view'], members);
        const term = `engagementId%20eq%20'${engagement}'`;
        expect(await listed(`$filter=${term}`)).toEqual(wanted);
        expect(await listed(`$filter=${term.toUpperCase().replaceAll('%20EQ%20', '%20eq%20')}`)).toEqual(wanted);
        expect(await listed(`$filter=engagementId%20eq%20${engagement}%20and%20status%20ne%20null`)).toEqual(wanted);
        // Only a term that must hold asks for one engagement.
        const own = readable(['own'], members);
        expect(await listed(`$filter=${term}%20or%20false`)).toEqual(own);
        expect(await listed(`$filter=engagementId%20in%20('${engagement}')`)).toEqual(own);
        expect(await listed(`$filter=not%20(engagementId%20ne%20'${engagement}')`)).toEqual(own);
      }
    });

    it('is filtered, ordered and counted by what he may read of others', async () => {
      for (const [engagement, members] of Object.entries(engagements)) {
        const own = readable(['own'], members);
        // Deal values, notes and solutions of others are in no view.
        for (const secret of [
          'details/dealValue%20ne%20null',
          "details/requirements/solutions/any(s:s/id%20ne%20'')",
          'mpnId%20ne%20null%20and%20details/currency%20ne%20null',
        ]) {
          const found = await listed(`$filter=engagementId%20eq%20'${engagement}'%20and%20${secret}`);
          expect(found.filter((id) => !own.includes(id as never))).toEqual([]);
        }
      }
    });

    it('is told nothing of what others hide by functions, arithmetic, counts of items, aliases or the order', async () => {
      for (const [engagement, members] of Object.entries(engagements)) {
        const own = readable(['own'], members);
        const inEngagement = `engagementId eq '${engagement}'`;
        const found = (filter: string, more = {}) =>
          listed(String(new URLSearchParams({ $filter: `${inEngagement} and (${filter})`, ...more })));
        for (const secret of [
          'details/dealValue add 1 gt 0',
          'details/dealValue eq @value or details/dealValue ne @value and details/dealValue ne null',
          'length(externalReferenceId) ge 0 or year(details/closingDateTime) gt 0',
          "startswith(toupper(details/currency),'') or details/currency in ('USD','EUR')",
          'details/requirements/solutions/$count ge 1',
          "length(concat(mpnId,customerProfile/size)) gt 0 or matchespattern(mpnId,'5')",
        ]) {
          const foreign = (await found(secret, { '@value': '1' })).filter((id) => !own.includes(id as never));
          expect(foreign, secret).toEqual([]);
        }
        // People are counted and found as the document shows them.
        const people = ['team', 'customerProfile/team'] as const;
        for (const list of people) {
          const withPeople = await found(`${list}/$count gt 0`);
          expect(await found(`${list}/any(p:length(concat(p/email,p/firstName)) ge 0)`), list).toEqual(withPeople);
          for (const id of readable(['own', 'view'], members)) {
            const answer = await ask(user, `${collection}/${id}`);
            const shown = answer.json<{ team: unknown[]; customerProfile: { team: unknown[] } }>();
            const { length } = list === 'team' ? shown.team : shown.customerProfile.team;
            expect(withPeople.includes(id), `${list} of ${id}`).toBe(length > 0);
          }
        }
      }
    });

    it('is searched by what he may read, and by nothing that others hide', async () => {
      const wordsIn = async (id: string, of: User) => {
        const { text } = await ask(of, `${collection}/${id}`);
        return new Set(
          searchTextOf(readWell(text))
            .split(/[ .]+/)
            .filter((word) => word !== ''),
        );
      };
      const ownerOf = (referral: Referral) =>
        cells.find((cell) => cell.referral === referral && cell.outcome === 'own');
      for (const [engagement, members] of Object.entries(engagements)) {
        for (const referral of members.filter((member) => ownerOf(member) !== undefined)) {
          const outcome = cells.find((cell) => cell.user === user && cell.referral === referral)?.outcome ?? '';
          const all = await wordsIn(ids[referral], ownerOf(referral)?.user ?? 'admin');
          const shown = ['own', 'view'].includes(outcome) ? await wordsIn(ids[referral], user) : new Set<string>();
          const found = (search: string, $filter: string) =>
            listed(String(new URLSearchParams({ $search: search, ...($filter === '' ? {} : { $filter }) })));
          const inEngagement = `engagementId eq '${engagement}'`;
          const hidden = [...all].filter((word) => !shown.has(word)).map((word) => `"${word}"`);
          for (let start = 0; start < hidden.length; start += 30) {
            const anyOfThem = hidden.slice(start, start + 30).join(' OR ');
            expect(await found(anyOfThem, inEngagement), anyOfThem).not.toContain(ids[referral]);
            if (outcome !== 'own') expect(await found(anyOfThem, ''), anyOfThem).not.toContain(ids[referral]);
          }
          if (shown.size === 0) continue;
          const whole = [...shown].slice(0, 20).map((word) => `"${word}"`);
          expect(await found(whole.join(' '), inEngagement)).toContain(ids[referral]);
          // A list without its engagement has his own only.
          if (outcome === 'view') expect(await found(whole.join(' '), '')).not.toContain(ids[referral]);
        }
      }
    });

    it('stands in an order that hidden members have no part in', async () => {
      for (const [engagement, members] of Object.entries(engagements)) {
        const own = readable(['own'], members);
        const orderedBy = async ($orderby: string) => {
          const query = new URLSearchParams({ $filter: `engagementId eq '${engagement}'`, $orderby });
          const answer = await ask(user, `${collection}?${query}`);
          expect(answer.status, answer.text).toBe(200);
          return answer.json<{ value: { id: string }[] }>().value.map(({ id }) => id);
        };
        for (const hidden of ['details/dealValue', 'details/dealValue add 1', 'year(details/closingDateTime)']) {
          // What is hidden is null, before every value and alike for all of them.
          const views = (await orderedBy(hidden)).filter((id) => !own.includes(id as never));
          expect((await orderedBy(`${hidden} desc`)).filter((id) => !own.includes(id as never))).toEqual(views);
        }
      }
    });

    it('is grouped and aggregated by what he may read of others, through their views only', async () => {
      const resultsOf = async ($apply: string, more = {}) => {
        const answer = await ask(user, `${collection}?${new URLSearchParams({ $apply, ...more })}`);
        expect(answer.status, answer.text).toBe(200);
        return answer.json<{ value: Record<string, unknown>[] }>().value;
      };
      const idsBy = async (filter: string) =>
        (await resultsOf(`filter(${filter})/groupby((id))`)).map(({ id }) => String(id));
      expect(await idsBy('true')).toEqual(readable(['own']));
      for (const [engagement, members] of Object.entries(engagements)) {
        const [own, all] = [readable(['own'], members), readable(['own', 'view'], members)];
        const term = `engagementId eq '${engagement}'`;
        expect(await idsBy(term)).toEqual(all);
        // Asked of the results, or of one of two, it is no term that every referral meets.
        expect(await idsBy(`${term} or false`)).toEqual(own);
        const ofResults = await resultsOf('groupby((id,engagementId))', { $filter: term });
        expect(ofResults.map(({ id }) => id)).toEqual(own);
        const hidden = [
          'details/dealValue with sum as x0',
          'details/dealValue add 1 with max as x1',
          'details/dealValue with average as x2',
          'details/dealValue with countdistinct as x3',
          'details/closingDateTime with min as x4',
          'length(externalReferenceId) with sum as x5',
          'details/currency with max as x6',
          'details/requirements/solutions/$count with sum as x7',
          'mpnId with countdistinct as x8',
          'customerProfile/size with min as x9',
          '(details/dealValue ne null) with max as x10',
        ].join(',');
        const views = all.filter((id) => !own.includes(id as never));
        const ofViews = `filter(${term} and id in (${views.length === 0 ? "''" : views.join(',')}))/aggregate(${hidden})`;
        const [told] = await resultsOf(ofViews);
        // Of a hidden member there is nothing to add up, and whatever is counted of it is 0.
        const flag = views.length === 0 ? null : false;
        const people = views.length === 0 ? null : 0;
        expect(told).toEqual({
          ...Object.fromEntries([0, 1, 2, 4, 5, 6, 9].map((at) => [`x${at}`, null])),
          ...{ x3: 0, x7: people, x8: 0, x10: flag },
        });
      }
    });

    it('has each as he reads it by id', async () => {
      for (const engagement of Object.keys(engagements)) {
        const answer = await ask(user, `${collection}?$filter=engagementId%20eq%20'${engagement}'`);
        for (const item of answer.json<{ value: { id: string }[] }>().value) {
          const { '@odata.context': _context, ...alone } = (await ask(user, `${collection}/${item.id}`)).json();
          expect(item).toEqual(alone);
          // Parts are those of what he reads, not of the record behind it.
          const parts = 'details/dealValue,details/notes,team/email';
          const { details, team } = alone as { details: Record<string, unknown>; team: { email: unknown }[] };
          const selected = await ask(user, `${collection}/${item.id}?$select=${parts}`);
          expect(selected.json()).toMatchObject({ team: team.map(({ email }) => ({ email })) });
          expect(selected.json().details).toEqual({ notes: details.notes, dealValue: details.dealValue });
        }
      }
    });
  });

  describe('what has changed, after every referral of the sample has', () => {
    let changing: TestServer;
    const links = new Map<string, string>();
    const asked = Object.keys(users).filter((user) => user !== 'nobody') as User[];
    const queries = ['', ...Object.keys(engagements).map((id) => `&$filter=engagementId%20eq%20'${id}'`)];
    beforeAll(async () => {
      changing = await startTestServer(engine);
      for (const user of asked) {
        for (const query of queries) {
          const answer = await changing.askAs(users[user], `${collection}?$deltatoken=latest${query}`);
          const link = new URL(answer.json<{ '@odata.deltaLink': string }>()['@odata.deltaLink']);
          links.set(user + query, link.pathname + link.search);
        }
      }
      const { store, issuer } = changing.exchange;
      const operations = createOperations(store, issuer, () => changing.origin);
      for (const id of Object.values(ids)) {
        const { document } = await operations.getReferral({ id });
        const changed = { ...JSON.parse(document), name: `Changed ${id}`, updatedDateTime: '2044-01-01T00:00:00Z' };
        const { outcomes } = await operations.importReferrals({ texts: [JSON.stringify(changed)] });
        expect(outcomes).toEqual(['replaced']);
      }
    });
    afterAll(() => changing.close());

    it.each(asked)('is for %s what he reads, and no more', async (user) => {
      for (const query of queries) {
        const answer = await changing.askAs(users[user], links.get(user + query) ?? '');
        expect(answer.status, answer.text).toBe(200);
        const { value } = answer.json<{ value: { id: string; name: string }[] }>();
        const among = Object.entries(engagements).find(([id]) => query.includes(id))?.[1];
        const wanted = cells
          .filter((cell) => cell.user === user && (among === undefined || among.includes(cell.referral)))
          .filter(({ outcome }) => outcome === 'own' || (among !== undefined && outcome === 'view'))
          .map(({ referral }) => ids[referral]);
        expect(value.map(({ id }) => id).sort(), query).toEqual(wanted.sort());
        for (const { id, name } of value) expect(name).toBe(`Changed ${id}`);
        expect(answer.text).not.toContain(ids.marketplace);
      }
    });
  });

  it('tells somebody without a role nothing by the list', async () => {
    expectEnvelope(await ask('nobody', collection), 403, 'roleMissing');
    expectEnvelope(await ask('nobody', `${collection}?$top=0`), 403, 'roleMissing');
    expectEnvelope(await ask('nobody', `${collection}/$count`), 403, 'roleMissing');
    expectEnvelope(await ask('nobody', `${collection}?$apply=aggregate($count%20as%20n)`), 403, 'roleMissing');
    expectEnvelope(await ask('nobody', `${collection}?$deltatoken=latest`), 403, 'roleMissing');
  });

  it('has nobody read of a marketplace lead in a list', async () => {
    for (const user of ['admin', 'member', 'london', 'seller', 'tailspin'] as const) {
      for (const query of [
        '',
        '$top=1000',
        '$filter=referralSource%20ne%20null',
        `$filter=id%20eq%20${ids.marketplace}`,
        '$apply=groupby((id,customerProfile/name,callToAction))',
        '$apply=groupby((referralSource),aggregate(name%20with%20max%20as%20n,id%20with%20min%20as%20first))',
      ]) {
        const { text } = await ask(user, `${collection}?${query}`);
        for (const secret of [ids.marketplace, 'Coho', 'Napa', 'lee.gu', 'ContactMe'])
          expect(text).not.toContain(secret);
      }
    }
  });

  it.each(['admin', 'london', 'seller', 'tailspin'] as const)(
    'has %s see of another organisation’s directory what he sees of none, by every route',
    async (user) => {
      const client = directoryClient(server, users[user]);
      const other = user === 'tailspin' ? organizations.contoso : organizations.tailspin;
      const there = { mpnId: '7700001', userName: users.tailspin, clientId: 'c05e1100-0000-4000-8000-0000000000a1' };
      for (const { method, paths, name } of directoryRoutes) {
        if (!paths[0]?.includes('{')) continue;
        const [theirs, none] = await Promise.all(
          [other, unknownIds[0] ?? ''].map((organizationId) =>
            client(method, pathOf(paths[0] ?? '', { ...there, organizationId }), { body: '{' }),
          ),
        );
        if (theirs === undefined || none === undefined) throw new Error('two requests have two answers');
        expect(comparable(theirs), name).toEqual(comparable(none));
        expect([403, 404], name).toContain(theirs.status);
        expect(theirs.text).not.toContain(other);
      }
      const lists = await Promise.all([
        client('GET', directoryOf(other)),
        client('GET', '/directory/v1/organizations'),
      ]);
      for (const { text } of lists) expect(text).not.toContain(other);
    },
  );

  describe('the sandbox', () => {
    const routes = [
      ['GET', '/_sandbox/clock'],
      ['POST', '/_sandbox/clock'],
      ['POST', '/_sandbox/reset'],
      ['GET', '/_sandbox/faults'],
      ['POST', '/_sandbox/faults'],
      ['DELETE', '/_sandbox/faults'],
      ['POST', '/_sandbox/acts'],
    ] as const;

    it.each(Object.keys(users) as User[])('is closed to %s, whatever he sends', async (user) => {
      for (const [method, path] of routes) {
        for (const body of method === 'POST' ? ['', '{', '{"as":"msft","act":"accept"}'] : ['']) {
          expectEnvelope(await write(user, method, path, body), 403, 'operatorRequired');
        }
      }
      expectEnvelope(await server.ask('/_sandbox/clock'), 401, 'tokenMissing');
    });

    it("does not open anybody's referrals to its operator", async () => {
      const { store, issuer } = server.exchange;
      const { token } = await createOperations(store, issuer, () => server.origin).mintToken({ operator: true });
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const paths = [collection, ...Object.values(ids).map((id) => `${collection}/${id}`), `${alias}/${ids.lead}`];
      for (const path of [...paths, `${collection}/${ids.lead}/history`, `${collection}/${unknownIds[0]}`]) {
        const answer = await server.ask(path, { headers });
        expect(answer.status).toBe(403);
        expectEnvelope(answer, 403);
      }
      for (const method of ['PATCH', 'PUT']) {
        expectEnvelope(await server.ask(`${collection}/${ids.lead}`, { method, headers, body: '[]' }), 403);
      }
      expectEnvelope(await server.ask(collection, { method: 'POST', headers, body: '{}' }), 403);
    });
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

  it('shows the audit to Global Admins, each that of his organisation, and to nobody else', async () => {
    const { store } = server.exchange;
    for (const name of Object.keys(organizations) as (keyof typeof organizations)[]) {
      const by = { organizationId: organizations[name], subject: 'somebody' };
      await store.transact(recordActs, [{ kind: 'refused', subject: undefined, details: { of: name }, by }]);
    }
    for (const user of Object.keys(users) as User[]) {
      expectEnvelope(await ask(user, '/directory/v1/audit'), 403, 'roleMissing');
    }
    for (const [user, own] of [
      ['london', 'contoso'],
      ['tailspin', 'tailspin'],
    ] as const) {
      await store.transact(changeDirectory, { kind: 'addRole', user: users[user], role: 'GlobalAdmin' });
      const answer = await ask(user, '/directory/v1/audit?$top=1000');
      await store.transact(changeDirectory, { kind: 'removeRole', user: users[user], role: 'GlobalAdmin' });
      const { value } = answer.json<{ value: { by: { organizationId: string }; details: { of?: string } }[] }>();
      expect(new Set(value.map(({ by }) => by.organizationId))).toEqual(new Set([organizations[own]]));
      expect(value.flatMap(({ details }) => details.of ?? [])).toEqual([own]);
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
      innerError: { code: 'notOnTeam', message: 'Unauthorized referral access', details: null },
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
