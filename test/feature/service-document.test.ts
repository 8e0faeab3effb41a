import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparable, expectEnvelope } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const roots = ['/v1.0/engagements', '/v1.0'];

interface ServiceDocument {
  readonly '@odata.context': string;
  readonly value: readonly { readonly name: string; readonly kind: string; readonly url: string }[];
}

describeOnSqlite('the service document', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());

  describe.each(roots)('%s', (root) => {
    it('needs no token, and leads to the metadata and to the referrals', async () => {
      const answer = await server.ask(`${root}/`);
      expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
      expect(answer.headers['cosell-extension']).toBe('service-document');
      const { '@odata.context': context, value } = answer.json<ServiceDocument>();
      const metadata = await server.ask(new URL(context).pathname);
      expect([metadata.status, metadata.headers['content-type']]).toEqual([200, 'application/xml; charset=utf-8']);
      expect(context).toBe(`${server.origin}${root}/$metadata`);
      expect(value.map(({ name, kind }) => [name, kind])).toEqual([['Referrals', 'EntitySet']]);
      for (const { name, url } of value) {
        expect(metadata.text).toContain(`<EntitySet Name="${name}"`);
        const list = await server.askAs('contoso-admin', new URL(url, context).pathname);
        expect([list.status, Array.isArray(list.json().value)]).toEqual([200, true]);
      }
    });

    it('is the same in every form of its path, and says nothing of who asks', async () => {
      const wanted = comparable(await server.ask(root));
      for (const path of [`${root}/`, `${root}//`, root.toUpperCase(), `${root}?x=1`]) {
        expect(comparable(await server.ask(path)), path).toEqual(wanted);
        expect(comparable(await server.askAs(users.nobody, path)).status).toBe(200);
      }
      const head = comparable(await server.ask(root, { method: 'HEAD' }));
      expect(head).toEqual({ ...wanted, text: '' });
      expect((await server.ask(`${root}?$format=json`)).json()).toEqual((await server.ask(root)).json());
    });

    it('has no context where no control information is asked for', async () => {
      const headers = { accept: 'application/json;odata.metadata=none' };
      expect(Object.keys((await server.ask(root, { headers })).json())).toEqual(['value']);
      const full = await server.ask(root, { headers: { accept: 'application/json;odata.metadata=full' } });
      expect(full.json()).toEqual((await server.ask(root)).json());
    });

    it('is JSON and nothing else, and only read', async () => {
      expectEnvelope(await server.ask(root, { headers: { accept: 'application/xml' } }), 406, 'notAcceptable');
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        expectEnvelope(await server.ask(root, { method }), 405, 'methodNotAllowed');
      }
      expectEnvelope(await server.ask(`${root}?$filter=true`), 400, 'optionNotAllowed');
    });
  });
});
