import { routes, version } from '@cosell/server';
import { roleKeyOf } from '@cosell/server/domain/directory/role-key';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, documented } from '../support/answers.ts';
import { pathOf } from '../support/directory.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { organizations, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** Something that the sample has for each parameter of a path. */
const parameters = {
  ...{ id: documented, organizationId: organizations.contoso, mpnId: '5512345', userName: users.admin },
  ...{ clientId: 'c05e1100-0000-4000-8000-0000000000a1' },
  roleAssignmentId: roleKeyOf(users.admin, { role: 'ReferralAdmin', mpnId: null }),
};
const noneIn = /\{(invitationId|consentId)\}|\/api-clients\/\{/;

type Json = { readonly [name: string]: Json } & readonly Json[] & string;

describeOnSqlite('/openapi.json', (engine) => {
  let server: TestServer;
  let text: string;
  let document: Json;
  beforeAll(async () => {
    server = await startTestServer(engine);
    const answer = await server.ask('/openapi.json');
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    text = answer.text;
    document = answer.json<Json>();
  });
  afterAll(() => server.close());

  it('has the shape of OpenAPI 3.1', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(document.info).toMatchObject({ title: 'Cosell', version });
    expect(Object.keys(document)).toEqual(expect.arrayContaining(['info', 'paths', 'components', 'servers']));
    const allowed = [
      'openapi',
      'info',
      'jsonSchemaDialect',
      'servers',
      'paths',
      'webhooks',
      'components',
      'security',
      'tags',
      'externalDocs',
    ];
    expect(allowed).toEqual(expect.arrayContaining(Object.keys(document)));
    const operations = Object.values(document.paths ?? {}).flatMap((item) => Object.entries(item));
    const ids = operations.map(([, operation]) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [method, operation] of operations) {
      expect(['get', 'head', 'post', 'put', 'patch', 'delete']).toContain(method);
      expect(operation.summary).toMatch(/\.$/);
      expect(Object.keys(operation.responses ?? {}).length).toBeGreaterThan(0);
      for (const [status, answer] of Object.entries(operation.responses ?? {})) {
        expect(status).toMatch(/^[1-5]\d\d$/);
        expect(answer.description).toBeTruthy();
      }
    }
    expect(text).not.toContain('"nullable"');
  });

  const operations = routes.flatMap(({ paths, method, access }) => paths.map((path) => ({ path, method, access })));

  it.each(operations)('describes $method $path', async ({ path, method, access }) => {
    const item = document.paths?.[path]?.[method.toLowerCase()];
    expect(item).toBeDefined();
    const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const described = (item?.parameters ?? []) as readonly Json[];
    expect(described.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(names);
    expect(item?.security).toEqual(access === 'public' ? [] : [{ token: [] }]);
    // And it is there; a partner is told so, though he may not use it or has sent no body.
    const at = pathOf(path.replace('{tenant}', 'common'), parameters);
    const answer = await server.askAs('contoso-admin', at, { method });
    expect(item?.responses?.[String(answer.status)]).toBeDefined();
    // Of what the sample has none, one is not found.
    expect(noneIn.test(path) ? [405] : [404, 405]).not.toContain(answer.status);
    if (access === 'public') expect((await server.ask(at)).status).toBe(200);
    else expect((await server.ask(at, { method })).status).toBe(401);
  });

  it('describes the options of the list', () => {
    const parameters = document.paths?.[collection]?.get?.parameters as readonly Json[];
    expect(parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name)).toEqual([
      '$apply',
      '$filter',
      '$search',
      '$orderby',
      '$top',
      '$skip',
      '$count',
      '$select',
      '$skiptoken',
      '$deltatoken',
    ]);
  });

  it('describes no path that is not there', () => {
    const paths = new Set(routes.flatMap((route) => route.paths));
    expect(Object.keys(document.paths ?? {}).sort()).toEqual([...paths].sort());
  });

  it('resolves every reference', () => {
    const references = [...text.matchAll(/"\$ref":\s*"([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(references.length).toBeGreaterThan(5);
    for (const reference of references) {
      expect(reference).toMatch(/^#\//);
      let found: Json | undefined = document;
      for (const part of reference.slice(2).split('/')) found = found?.[part];
      expect(found, reference).toBeDefined();
    }
  });

  describe('its Referral', () => {
    const schema = () => document.components?.schemas?.Referral;

    it('has the members of the answer, in its order', async () => {
      const answer = await server.askAs('contoso-admin', `${collection}/${documented}`);
      const names = Object.keys(schema()?.properties ?? {});
      const always = names.filter((name) => !['isAutoRegistrationEnabled', 'exception'].includes(name));
      expect(Object.keys(answer.json())).toEqual(always);
    });

    it('has a schema for what is read, seen by others, created and put', () => {
      const names = Object.keys(document.components?.schemas ?? {});
      expect(names).toEqual(
        expect.arrayContaining(['Referral', 'ReferralView', 'ReferralCreate', 'ReferralPut', 'Error']),
      );
    });
  });
});
