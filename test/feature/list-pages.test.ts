import { importReferrals } from '@cosell/server/domain/import-referrals';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, expectEnvelope } from '../support/answers.ts';
import { captureText, contoso } from '../support/captures.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { idsIn, listedIn, listPath, pathOf, walk } from '../support/listed.ts';
import { users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** Referrals beside Contoso's seven of the sample. */
const more = 250;
const all = more + 7;

const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const capture = (number: number, name: string) =>
  captureText({
    id: idOf(number),
    engagementId: idOf(number),
    organizationId: contoso,
    name,
    // Many share an instant, so that only the id orders them.
    createdDateTime: `2025-08-${String((number % 20) + 1).padStart(2, '0')}T00:00:00Z`,
    qualification: 'SalesQualified',
    details: { dealValue: number % 3 === 0 ? null : number },
  });

describeOnEachEngine('the pages of a list', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
    const texts = Array.from({ length: more }, (_none, number) => capture(number, `Ärger 😀 ${number}`));
    await server.exchange.store.transact(importReferrals, { texts });
  });
  afterAll(() => server.close());
  const ask = (path: string, headers: Record<string, string> = {}, user: string = users.admin) =>
    server.askAs(user, path, { headers });
  const nextOf = async (path: string, headers: Record<string, string> = {}) =>
    pathOf(listedIn(await ask(path, headers))['@odata.nextLink'] ?? '');

  it('have 100 referrals and lead to all of them, each once, with the same count', async () => {
    const pages = await walk(server, users.admin, collection);
    expect(pages.map(({ value }) => value.length)).toEqual([100, 100, 57]);
    expect(pages.map((page) => page['@odata.count'])).toEqual([all, all, all]);
    expect(pages.map((page) => page['@odata.nextLink'] === undefined)).toEqual([false, false, true]);
    expect(new Set(pages.flatMap(({ value }) => value.map(({ id }) => id))).size).toBe(all);
    expect(Object.keys(pages[0] ?? {})).toEqual(['@odata.context', '@odata.count', 'value', '@odata.nextLink']);
  });

  it('count bytes and not characters', async () => {
    const answer = await ask(`${collection}?$top=200`);
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)));
    expect(answer.text).toContain('Ärger 😀');
  });

  it.each([
    ['$top=0', [0]],
    ['$top=1', [1]],
    ['$top=200', [200]],
    ['$top=1000', [all]],
    ['$top=5000', [all]],
    ['$top=0&$count=true', [0]],
    ['$skip=250', [7]],
    ['$skip=257', [0]],
    ['$skip=999999999999999', [0]],
    ['$top=999999999999999', [all]],
    ['$skip=50&$top=10', [10]],
    ['$skip=100', [100, 57]],
  ])('%s gives %j', async (query, sizes) => {
    const pages = await walk(server, users.admin, `${collection}?${query}`);
    expect(pages.map(({ value }) => value.length)).toEqual(sizes);
    for (const page of pages) expect(page['@odata.count']).toBe(all);
  });

  it.each([
    ['odata.maxpagesize=90', [90, 90, 77]],
    ['maxpagesize=200', [200, 57]],
    ['return=minimal, odata.maxpagesize="150"', [150, 107]],
    ['odata.maxpagesize=100000', [all]],
  ])('Prefer: %s gives %j and is said to be applied', async (prefer, sizes) => {
    const first = await ask(collection, { prefer });
    expect(first.headers['preference-applied']).toMatch(/^(odata\.)?maxpagesize=\d+$/);
    // The size is carried in the links: nobody need ask again.
    const next = listedIn(first)['@odata.nextLink'];
    const others = next === undefined ? [] : await walk(server, users.admin, pathOf(next));
    expect([listedIn(first), ...others].map(({ value }) => value.length)).toEqual(sizes);
  });

  it.each(['odata.maxpagesize=0', 'odata.maxpagesize=-1', 'odata.maxpagesize=x', 'maxpagesize', '', ';;,,'])(
    'Prefer: "%s" makes no sense and is ignored',
    async (prefer) => {
      const answer = await ask(collection, { prefer });
      expect(answer.headers['preference-applied']).toBeUndefined();
      expect(idsIn(answer)).toHaveLength(100);
    },
  );

  it('reach $top through pages, and no further', async () => {
    const pages = await walk(server, users.admin, `${collection}?$top=100`, { prefer: 'maxpagesize=30' });
    expect(pages.map(({ value }) => value.length)).toEqual([30, 30, 30, 10]);
  });

  it('leave the count out where it is not wanted, on every page', async () => {
    const pages = await walk(server, users.admin, `${collection}?$count=false`);
    expect(pages.map((page) => Object.hasOwn(page, '@odata.count'))).toEqual([false, false, false]);
  });

  it.each([
    { $orderby: 'details/dealValue' },
    { $orderby: 'details/dealValue desc,name' },
    { $orderby: 'name desc,details/dealValue' },
    { $orderby: 'createdDateTime,details/dealValue desc' },
    { $orderby: 'status desc,id' },
    { $filter: "createdDateTime gt 2025-08-10 and (details/dealValue eq null or name ne 'x')" },
  ])('walk %j in the order of one large page', async (options) => {
    const whole = idsIn(await ask(listPath({ ...options, $top: '1000' })));
    const pages = await walk(server, users.admin, listPath(options), { prefer: 'maxpagesize=37' });
    expect(pages.flatMap(({ value }) => value.map(({ id }) => id))).toEqual(whole);
    expect(pages[0]?.['@odata.count']).toBe(whole.length);
  });

  describe('a skip token', () => {
    const small = { prefer: 'maxpagesize=10' };

    it('is accepted with the same options beside it, and not with others', async () => {
      const next = await nextOf(`${collection}?$filter=status%20eq%20'New'&$top=50`, small);
      const wanted = idsIn(await ask(next));
      expect(wanted).toHaveLength(10);
      expect(idsIn(await ask(`${next}&$filter=status+eq+%27New%27&$top=50&x=y`))).toEqual(wanted);
      for (const [query, option] of [
        ["$filter=status%20eq%20'Active'", '$filter'],
        ['$top=51', '$top'],
        ['$orderby=createdDateTime', '$orderby'],
        ['$skip=0', '$skip'],
        ['$count=true', '$count'],
      ]) {
        const error = expectEnvelope(await ask(`${next}&${query}`), 400, 'skipTokenMismatch');
        expect(error.target).toBe(option);
      }
    });

    it('is of its user: others of his organisation and of another cannot use it', async () => {
      const next = await nextOf(collection, small);
      for (const user of [users.member, users.london, users.tailspin, users.seller]) {
        expectEnvelope(await ask(next, {}, user), 400, 'skipTokenInvalid');
      }
      expectEnvelope(await ask(next, {}, users.nobody), 403, 'roleMissing');
    });

    it('holds with another access token of the same user', async () => {
      const next = await nextOf(collection, small);
      const first = await server.tokenOf(users.admin);
      server.clock.aheadMs = 60_000;
      const second = await server.tokenOf(users.admin);
      server.clock.aheadMs = 0;
      const [one, other] = await Promise.all(
        [first, second].map((token) => server.ask(next, { headers: { authorization: `Bearer ${token}` } })),
      );
      expect(one?.text).toBe(other?.text);
    });

    it('cannot be changed, not even by a character', async () => {
      const next = await nextOf(collection, small);
      const [path = '', token = ''] = next.split('$skiptoken=');
      const flip = (at: number) => token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      const [text = '', signature = ''] = token.split('.');
      const other = Buffer.from(
        JSON.stringify({ ...JSON.parse(Buffer.from(text, 'base64url').toString()), count: 1 }),
      ).toString('base64url');
      const forged = [...Array(token.length).keys()].map(flip);
      forged.push(
        '',
        '.',
        token.slice(1),
        `${token}A`,
        `${token}=`,
        `${token}.`,
        text,
        `.${signature}`,
        `${other}.${signature}`,
      );
      for (const candidate of forged.filter((candidate) => candidate !== token)) {
        const answer = await server.ask(`${path}$skiptoken=${candidate}`, {
          headers: { authorization: `Bearer ${await server.tokenOf(users.admin)}` },
        });
        expect([candidate, answer.status]).toEqual([candidate, 400]);
      }
    });

    it('keeps its count and its place while others write', async () => {
      const next = await nextOf(`${collection}?$orderby=createdDateTime,id`, small);
      await server.exchange.store.transact(importReferrals, { texts: [capture(999, 'New one')] });
      const page = listedIn(await ask(next));
      expect(page['@odata.count']).toBe(all);
      expect(listedIn(await ask(collection))['@odata.count']).toBe(all + 1);
    });
  });
});
