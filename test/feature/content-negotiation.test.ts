import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, comparable, documented, expectEnvelope } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** What real clients send, and what RFC 9110 makes of it: all of it means JSON. */
const taken = [
  'application/json',
  'Application/JSON',
  'application/json;odata=verbose',
  'application/json;odata.streaming=true; charset=utf-8',
  'application/json;odata.metadata=verbose;IEEE754Compatible=false',
  'application/json;odata.metadata=none;q=0.5, application/json',
  'application/json, application/json',
  'application/json,text/plain, */*',
  'application/json;q=0.001',
  'application/json; q=1.0',
  'text/json',
  'text/json; charset=utf-8',
  '*/*',
  '*/*;q=0.1',
  'application/*',
  'application/*;q=0.5, text/html',
  'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'application/xml, application/json;q=0.1',
  'text/html, text/json;q=0.2',
  'application/xml;q=0, */*',
  '',
  ',',
  ' , ;q=1',
];

const refused = [
  'application/xml',
  'application/atom+xml',
  'text/html',
  'text/*',
  'text/plain',
  'image/png, text/html;level=1',
  'application/json;q=0',
  'application/json;q=0.0, text/html',
  'application/json;q=0, */*',
  '*/*;q=0',
  'application/json;q=abc',
  'garbage',
  'json',
  'application',
  'application/json2',
  '*',
  '*/json',
  '<script>alert(1)</script>',
  `application/${'x'.repeat(4_000)}`,
];

describeOnSqlite('Accept and Content-Type', (engine) => {
  let server: TestServer;
  let authorization: string;
  let plain: ReturnType<typeof comparable>;
  beforeAll(async () => {
    server = await startTestServer(engine);
    authorization = `Bearer ${await server.tokenOf('contoso-admin')}`;
    plain = comparable(await ask({}));
    expect(plain.headers).toContain('Content-Type: application/json; charset=utf-8');
  });
  afterAll(() => server.close());
  const ask = (headers: Readonly<Record<string, string>>) =>
    server.ask(`${collection}/${documented}`, { headers: { authorization, ...headers } });

  describe('Accept', () => {
    it.each(taken)('"%s" is answered with JSON, the same bytes', async (accept) => {
      expect(comparable(await ask({ accept }))).toEqual(plain);
    });

    it.each(refused)('"%s" is 406 and says what to send', async (accept) => {
      const error = expectEnvelope(await ask({ accept }), 406, 'notAcceptable');
      expect(error.target).toBe('Accept');
      expect(error.message).toContain('Accept: application/json');
    });

    it('is judged before the referral is looked at, so 406 tells nothing of it', async () => {
      const answers = await Promise.all(
        [documented, 'd3c2b1a0-9f8e-4d7c-8b6a-594837261504', 'x'].map((id) =>
          server.ask(`${collection}/${id}`, { headers: { authorization, accept: 'text/html' } }),
        ),
      );
      for (const answer of answers) expect(comparable(answer)).toEqual(comparable(answers[0] ?? answer));
      expect(answers[0]?.status).toBe(406);
    });
  });

  describe('Content-Type on GET', () => {
    it.each([
      'application/json',
      'application/json, application/json',
      'application/json;odata=verbose',
      'text/json',
      'application/xml',
      'garbage',
      '',
    ])('"%s" is tolerated', async (type) => {
      expect(comparable(await ask({ 'content-type': type }))).toEqual(plain);
    });
  });

  describe('$metadata', () => {
    const mediaTypeOf = async (accept: string) => {
      const answer = await server.ask('/v1.0/engagements/referrals/$metadata', { headers: { accept } });
      expect(answer.status).toBe(200);
      return answer.headers['content-type'];
    };

    it.each([
      '*/*',
      'application/*',
      'application/xml',
      'application/xml, application/json',
      'application/json;q=0.5, application/xml;q=0.9',
      'application/json;q=0, application/*',
      'text/html, */*;q=0.1',
    ])('is XML for "%s"', async (accept) => {
      expect(await mediaTypeOf(accept)).toBe('application/xml; charset=utf-8');
    });

    it.each([
      'application/json',
      'application/json;odata.metadata=minimal',
      'text/json',
      'application/xml;q=0.5, application/json',
      'application/xml;q=0, */*',
      'application/json, application/xml;q=0.99',
    ])('is JSON for "%s"', async (accept) => {
      expect(await mediaTypeOf(accept)).toBe('application/json; charset=utf-8');
    });

    it('is XML for a client of OData 4.0 that takes it, because CSDL in JSON came with 4.01', async () => {
      const path = '/v1.0/engagements/referrals/$metadata';
      const typeFor = async (accept: string | undefined, maxVersion: string, query = '') => {
        const headers = { 'odata-maxversion': maxVersion, ...(accept === undefined ? {} : { accept }) };
        return (await server.ask(path + query, { headers })).headers['content-type']?.split(';')[0];
      };
      const both = 'application/json;odata.metadata=minimal;q=1.0,application/xml;q=0.7';
      expect(await typeFor(both, '4.0')).toBe('application/xml');
      expect(await typeFor('application/json,*/*;q=0.1', '4.0')).toBe('application/xml');
      expect(await typeFor(undefined, '4.0')).toBe('application/xml');
      expect(await typeFor(both, '4.01')).toBe('application/json');
      expect(await typeFor('application/json', '4.0')).toBe('application/json');
      expect(await typeFor('application/json,application/xml;q=0', '4.0')).toBe('application/json');
      expect(await typeFor(both, '4.0', '?$format=json')).toBe('application/json');
    });
  });
});
