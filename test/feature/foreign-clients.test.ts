import { OData } from '@odata/client';
import { FetchClient } from '@odata2ts/http-client-fetch';
import { DynamicsWebApi } from 'dynamics-web-api';
import { o } from 'odata';
import odataQuery, { guid } from 'odata-query';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeOnEachEngine } from '../support/engines.ts';
import type { Listed } from '../support/listed.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** Its types say that it is CommonJS, where its function is one member of the default; to Node it is the default. */
const query = odataQuery as unknown as typeof odataQuery.default;

/** What JavaScript may hand over and the clients' types do not know. */
const untyped = (value: object) => value as never;

/** The referral that the clients change. */
const id = ids.coSell;
const listAdvice = 'Write a JSON Patch, a list of operations';

/** What docs/clients.md does not show: what clients send of their own accord, and what they say of a refusal. */
describeOnEachEngine('clients that others wrote', (engine) => {
  let server: TestServer;
  let base: string;
  let token: string;
  let headers: Record<string, string>;
  beforeAll(async () => {
    server = await startTestServer(engine);
    base = `${server.origin}/v1.0/engagements`;
    token = await server.tokenOf(users.admin);
    headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  });
  afterAll(() => server.close());
  const notes = async () => {
    const answer = await server.askAs(users.admin, `/v1.0/engagements/referrals/${id}`);
    return answer.json<{ details: { notes: string } }>().details.notes;
  };

  describe('odata-query', () => {
    const found = async (options: Parameters<typeof query>[0]) => {
      const answer = await fetch(`${base}/referrals${query(options)}`, { headers });
      expect(answer.status, await answer.clone().text()).toBe(200);
      return ((await answer.json()) as Listed).value.map((item) => item.id);
    };

    it.each([
      [{ engagementId: '65edc0b5-3485-41b7-a17e-dfa9ef4706e2' }, [ids.lead]],
      [{ engagementId: guid('65edc0b5-3485-41b7-a17e-dfa9ef4706e2') }, [ids.lead]],
      [{ 'customerProfile/address/country': 'US', direction: 'Incoming' }, [ids.lead]],
      [{ customerProfile: { address: { country: { in: ['GB', 'IE'] } } } }, [ids.joint, ids.london, ids.expired]],
      [{ team: { any: { email: 'jane.doe@contoso.com' } } }, [ids.partnerLed, ids.won]],
      [{ team: { any: [{ email: 'jane.doe@contoso.com' }, { lastName: 'Smith' }] } }, []],
      [{ team: { all: { email: 'jane.doe@contoso.com' } }, status: 'Closed' }, [ids.won, ids.expired]],
      [{ createdDateTime: { ge: new Date('2025-05-12T13:40:21Z') } }, [ids.joint, ids.partnerLed]],
      [{ not: { name: { contains: "Margie's" } }, status: { ne: 'Closed' } }, [ids.partnerLed, ids.london, ids.coSell]],
      [{ or: [{ status: 'New' }, { substatus: 'Won' }] }, [ids.won, ids.lead]],
      [{ 'tolower(name)': { startswith: 'joint' } }, [ids.joint]],
      [{ details: { dealValue: { gt: 84500.4999, le: 125000 } } }, [ids.partnerLed, ids.won]],
      [{ externalReferenceId: { ne: null } }, [ids.london]],
      ["favorite eq false and status eq 'New'", [ids.lead]],
    ])('finds with %j', async (filter, wanted) => {
      expect(await found({ filter })).toEqual(wanted);
    });

    it('orders, cuts and addresses by key', async () => {
      expect(await found({ orderBy: [['createdDateTime', 'asc'], 'id'], skip: 1, top: 2 })).toEqual([
        ids.expired,
        ids.won,
      ]);
      for (const key of [id, guid(id)]) {
        const answer = await fetch(`${base}/referrals${query({ key, select: ['id'] })}`, { headers });
        expect(((await answer.json()) as { id: string }).id).toBe(id);
      }
    });
  });

  describe('@odata/client', () => {
    const referrals = () =>
      OData.New4({ serviceEndpoint: `${base}/`, commonHeaders: headers }).getEntitySet('referrals');

    it('reads by a key with its name, and finds by example', async () => {
      expect(await referrals().retrieve({ id })).toMatchObject({ id });
      expect(await referrals().retrieve(id)).toMatchObject({ id });
      expect(await referrals().find(untyped({ direction: 'Incoming', favorite: false }))).toHaveLength(2);
    });

    it('is told what is wrong in the words of the answer', async () => {
      await expect(referrals().retrieve(ids.tailspin)).rejects.toThrow('There is no such referral');
      await expect(referrals().query(referrals().newFilter().property('stauts').eq('New'))).rejects.toThrow('status');
    });

    it('sends an object as its update, which is refused; a list goes through', async () => {
      const before = await notes();
      await expect(referrals().update(id, untyped({ details: { notes: 'object' } }))).rejects.toThrow(
        'The request body has a fault',
      );
      expect(await notes()).toBe(before);
      await referrals().update(id, untyped([{ op: 'replace', path: '/details/notes', value: '@odata/client' }]));
      expect(await notes()).toBe('@odata/client');
    });
  });

  describe('o.js', () => {
    const api = () => o(`${base}/`, { headers });

    it('sends an object as its patch, which is refused; a list goes through', async () => {
      const refused = await api()
        .patch(`referrals(${id})`, { details: { notes: 'object' } })
        .fetch();
      expect((refused as Response).status).toBe(400);
      expect(await (refused as Response).text()).toContain(listAdvice);
      await api()
        .patch(`referrals(${id})`, [{ op: 'replace', path: '/details/notes', value: 'o.js' }])
        .query();
      expect(await notes()).toBe('o.js');
    });

    it('encodes everything in a query, and asks several in turn', async () => {
      const $filter = "name eq 'Joint roll-out for Margie''s Travel'";
      expect(await api().get('referrals').query({ $filter, $count: true })).toMatchObject([{ id: ids.joint }]);
      const both = await api().get(`referrals('${id}')`).get(`referrals(${ids.won})`).query({ $select: 'id' });
      expect(both).toMatchObject([{ id }, { id: ids.won }]);
    });
  });

  describe('dynamics-web-api', () => {
    const collection = 'engagements/referrals';
    const api = () =>
      new DynamicsWebApi({
        serverUrl: server.origin,
        dataApi: { path: '..', version: '1.0' },
        onTokenRefresh: async () => token,
      });

    it('sends an object as its update, which is refused; a list goes through', async () => {
      const refused = api().update({ collection, key: id, data: { details: { notes: 'object' } } });
      await expect(refused).rejects.toMatchObject({ status: 400, code: 'invalidRequest' });
      await api().update({ collection, key: id, data: [{ op: 'replace', path: '/details/notes', value: 'dynamics' }] });
      expect(await notes()).toBe('dynamics');
    });

    it('changes nothing by an eTag that is no longer the one', async () => {
      const { eTag } = await api().retrieve<{ eTag: string }>({ collection, key: id });
      const data = (value: string) => [{ op: 'replace', path: '/details/notes', value }];
      // By its own account an update whose eTag does not match has done nothing, and is no error.
      expect(await api().update({ collection, key: id, data: data('first'), ifmatch: eTag })).toBe(true);
      expect(await api().update({ collection, key: id, data: data('second'), ifmatch: eTag })).toBe(false);
      expect(await notes()).toBe('first');
    });

    it('counts and walks by itself', async () => {
      expect(await api().countAll({ collection, filter: "status eq 'Active'" })).toBe(4);
      expect((await api().retrieveAll({ collection, select: ['id'] })).value).toHaveLength(7);
    });
  });

  describe("odata2ts' HTTP client", () => {
    it('sends an object as its patch, which is refused; a list goes through', async () => {
      const client = new FetchClient({ headers, cache: 'default' });
      const address = `${base}/Referrals('${id}')`;
      await expect(client.patch(address, { details: { notes: 'object' } })).rejects.toThrow(
        'The request body has a fault',
      );
      expect((await client.patch(address, [{ op: 'replace', path: '/details/notes', value: 'odata2ts' }])).status).toBe(
        204,
      );
      expect(await notes()).toBe('odata2ts');
    });
  });
});
