import { enumerations } from '@cosell/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, documented } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const paths = ['/v1.0/engagements/referrals/$metadata', '/v1.0/engagements/$metadata', '/v1.0/$metadata'];

type Csdl = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

describeOnSqlite('$metadata', (engine) => {
  let server: TestServer;
  let xml: string;
  let json: Csdl;
  beforeAll(async () => {
    server = await startTestServer(engine);
    xml = (await server.ask('/v1.0/$metadata')).text;
    json = (await server.ask('/v1.0/$metadata', { headers: { accept: 'application/json' } })).json<Csdl>();
  });
  afterAll(() => server.close());

  it.each(paths)('is at %s without a token, the same document', async (path) => {
    const answer = await server.ask(path);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/xml; charset=utf-8']);
    expect(answer.text).toBe(xml);
    expect((await server.ask(path.toUpperCase())).text).toBe(xml);
    expect((await server.ask(path, { method: 'HEAD' })).headers['content-length']).toBe(String(Buffer.byteLength(xml)));
  });

  it.each(paths)('is JSON at %s by Accept and by $format', async (path) => {
    const byHeader = await server.ask(path, { headers: { accept: 'application/json' } });
    expect(byHeader.headers['content-type']).toBe('application/json; charset=utf-8');
    for (const query of ['$format=json', '$format=application/json', '$FORMAT=JSON', '%24format=application%2Fjson']) {
      const byOption = await server.ask(`${path}?${query}`, { headers: { accept: 'application/xml' } });
      expect(byOption.text).toBe(byHeader.text);
      expect(byOption.headers['cosell-extension']).toBe('format');
    }
    const asXml = await server.ask(`${path}?$format=xml`, { headers: { accept: 'application/json' } });
    expect(asXml.text).toBe(xml);
  });

  it('is where the context of a referral says', async () => {
    const referral = await server.askAs('contoso-admin', `${collection}/${documented}`);
    const context = String(referral.json()['@odata.context']);
    const [address = '', fragment] = context.split('#');
    expect(fragment).toBe('Referrals/$entity');
    expect((await server.ask(address.slice(server.origin.length))).text).toBe(xml);
    expect(xml).toContain('<EntitySet Name="Referrals" EntityType="Cosell.Referral">');
  });

  it('is well-formed XML', () => {
    expect(xml).toMatch(/^<\?xml version="1\.0" encoding="utf-8"\?>\n<edmx:Edmx Version="4\.0"/);
    const open: string[] = [];
    const rest = xml
      .replace(/<\?xml[^>]*\?>/, '')
      .replace(
        /<(\/?)([\w:]+)((?:\s+[\w:]+="[^"<]*")*)\s*(\/?)>/g,
        (_tag, closes: string, name: string, _attributes, empty: string) => {
          if (closes === '/') expect(open.pop()).toBe(name);
          else if (empty !== '/') open.push(name);
          return '';
        },
      );
    expect(open).toEqual([]);
    // What is left is the text of annotations.
    expect(rest).not.toMatch(/[<>]/);
    expect(xml.replaceAll(/&(#\d+|amp|lt|gt|quot|apos);/g, '')).not.toContain('&');
  });

  describe('in both forms', () => {
    const schema = () => json.Cosell ?? {};

    it('has every member of the answer with its type; ids are text', async () => {
      const referral = (await server.askAs('contoso-admin', `${collection}/${documented}`)).json();
      const described = schema().Referral ?? {};
      for (const name of Object.keys(referral).filter((key) => !key.startsWith('@'))) {
        expect(described[name], name).toBeDefined();
        expect(xml).toContain(`<Property Name="${name}" `);
      }
      expect(xml).toContain('<PropertyRef Name="id"/>');
      expect(xml).toContain('<Property Name="id" Type="Edm.String" Nullable="false">');
      expect(described.$Key).toEqual(['id']);
      // Edm.String is the default of CSDL JSON.
      expect(described.id).not.toHaveProperty('$Type');
    });

    it('has amounts as decimals of four places and instants with seven digits', () => {
      expect(xml).toMatch(/<Property Name="dealValue" Type="Edm\.Decimal" Precision="18" Scale="4"/);
      expect(xml).toMatch(/<Property Name="createdDateTime" Type="Edm\.DateTimeOffset"[^>]* Precision="7"/);
    });

    it('has every enumeration with all of its members', () => {
      for (const [name, members] of Object.entries(enumerations)) {
        expect(Object.keys(schema()[name] ?? {})).toEqual(['$Kind', ...members]);
        for (const member of members) expect(xml).toContain(`<Member Name="${member}" `);
      }
    });

    it('names no type that it does not describe', () => {
      const types = [...xml.matchAll(/Type="(?:Collection\()?(?:Cosell)\.(\w+)/g)].map((match) => match[1] ?? '');
      expect(types.length).toBeGreaterThan(20);
      for (const type of types) {
        expect(xml).toMatch(new RegExp(`<(EnumType|ComplexType|EntityType) Name="${type}"`));
        expect(schema()[type]).toBeDefined();
      }
    });
  });
});
