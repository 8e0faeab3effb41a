import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { membersOf, notesFor, type PropertySchema, referralTable } from '@cosell/model';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { collection, expectEnvelope, expectNoTrace } from '../support/answers.ts';
import { coSellDeal, type Json, leastDeal, privateDeal } from '../support/documented-requests.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { readRaw, sendRaw } from '../support/raw-socket.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { type Answered, answeredIn, faultNames, faultsIn, type Writer, writingAs } from '../support/writing.ts';

/** A property of the table that a client may write, with its place. */
interface Place {
  readonly pointer: string;
  readonly schema: PropertySchema;
}

/** Every property that a POST takes, at every depth; of a list its first item. */
function places(schema: PropertySchema, pointer: string, isWritten: (schema: PropertySchema) => boolean): Place[] {
  return membersOf(schema)
    .filter(([, member]) => isWritten(member))
    .flatMap(([name, member]) => {
      const own = { pointer: `${pointer}/${name}`, schema: member };
      const { kind } = notesFor(member);
      if (kind !== 'record' && kind !== 'list') return [own];
      return [own, ...places(member, kind === 'list' ? `${own.pointer}/0` : own.pointer, isWritten)];
    });
}

const posted = places(referralTable, '', (schema) => ['create', 'change'].includes(notesFor(schema).write));
const registered = places(
  { ...referralTable, properties: { registrations: referralTable.properties?.registrations as PropertySchema } },
  '',
  (schema) => notesFor(schema).write !== 'server',
);

/** Values of a JSON type that a property does not have, by its kind (decision 33 lets scalars be text and back). */
const wrongFor: Readonly<Record<string, readonly unknown[]>> = {
  id: [{}, [], true, 5, 'x'],
  text: [{}, [], ['x'], { id: 'x' }, true, false],
  choice: [{}, [], true, 5, 'Nonsense', ''],
  flag: [{}, [], 5, 'yes', '', 1, 0, 'TRUE'],
  amount: [{}, [], true, 'much', '', '1,5', '0x10', 'Infinity', 'NaN', '1 000'],
  date: [{}, [], true, 'soon', '', 5],
  instant: [{}, [], true, 'soon', '', 5],
  record: [[], 'x', 5, true],
  list: ['x', 5, true, { id: 'x' }, [5], ['x'], [null], [[]], [true]],
};

/** A body that has a value at a pointer, and on the way there what must be. */
function bodyWith(pointer: string, value: unknown): Json {
  const body: Json = leastDeal();
  let parent: Json | unknown[] = body;
  const steps = pointer.slice(1).split('/');
  for (const [at, step] of steps.entries()) {
    const holder = parent as Json;
    if (at === steps.length - 1) holder[step] = value;
    else {
      holder[step] ??= steps[at + 1] === '0' ? [{}] : {};
      parent = holder[step] as Json | unknown[];
    }
  }
  return body;
}

describeOnSqlite('a value of a wrong type', (engine) => {
  let server: TestServer;
  let contoso: Writer;
  let deal: Answered;
  beforeAll(async () => {
    server = await startTestServer(engine);
    contoso = writingAs(server, users.admin);
    deal = await contoso.create(coSellDeal);
  });
  afterEach(() => {
    expect(server.observations.splice(0).filter(({ kind }) => kind === 'requestBroken')).toEqual([]);
  });
  afterAll(() => server.close());

  it('is tried at every property that a client writes', () => {
    expect(posted.length).toBeGreaterThan(80);
    expect(registered.length).toBeGreaterThan(15);
    for (const { schema } of [...posted, ...registered]) {
      const { kind } = notesFor(schema);
      expect(kind === 'anything' || wrongFor[kind] !== undefined).toBe(true);
    }
  });

  it.each(posted)('at $pointer is 400 and named, by POST and PUT', async ({ pointer, schema }) => {
    const { kind } = notesFor(schema);
    for (const value of wrongFor[kind] ?? []) {
      if (pointer === '/salesStage' && value === '') continue;
      const body = bodyWith(pointer, value);
      for (const answer of [await contoso.post(body), await contoso.put(deal.id, body, { 'if-match': deal.eTag })]) {
        expectNoTrace(answer.text);
        const targets = faultsIn(answer).map(({ target }) => target);
        expect(targets.length, JSON.stringify(value)).toBeGreaterThan(0);
        for (const target of targets) expect(target === pointer || target.startsWith(`${pointer}/`)).toBe(true);
      }
    }
  });

  const patched = [...posted, ...registered].filter(({ pointer }) => !/^\/(engagementId|type)$/.test(pointer));

  it.each(patched)('at $pointer is 400 and named, by PATCH', async ({ pointer, schema }) => {
    const { kind } = notesFor(schema);
    const values = (wrongFor[kind] ?? []).filter((value) => pointer !== '/salesStage' || value !== '');
    const operations = values.map((value) => ({ op: 'replace', path: pointer, value }));
    const answer = await contoso.patch(deal.id, operations);
    expectNoTrace(answer.text);
    const targets = faultsIn(answer).map(({ target }) => target);
    expect(targets.length).toBeGreaterThanOrEqual(values.length);
    for (const target of targets) expect(target === pointer || target.startsWith(`${pointer}/`)).toBe(true);
    expect((await contoso.read(deal.id)).eTag).toBe(deal.eTag);
  });
});

describeOnEachEngine('a bad body', (engine) => {
  let server: TestServer;
  let contoso: Writer;
  let deal: Answered;
  beforeAll(async () => {
    server = await startTestServer(engine);
    contoso = writingAs(server, users.admin);
    deal = await contoso.create(coSellDeal);
  });
  afterEach(() => {
    expect(server.observations.splice(0).filter(({ kind }) => kind === 'requestBroken')).toEqual([]);
  });
  afterAll(() => server.close());
  const count = async () => (await contoso.send('GET', collection)).json<{ '@odata.count': number }>()['@odata.count'];

  it('null where something must stand is 400, and elsewhere as if it were not there', async () => {
    expect(faultNames(await contoso.post(bodyWith('/type', null)))).toEqual(['missingMember /type']);
    for (const pointer of ['/type', '/status', '/substatus']) {
      const put = await contoso.put(deal.id, bodyWith(pointer, null), { 'if-match': '*' });
      expect(faultNames(put)).toEqual([`wrongType ${pointer}`]);
    }
    for (const { pointer } of posted) {
      if (/^\/(type|customerProfile|consent|details)$|\/(name|address|country)$/.test(pointer)) continue;
      expect((await contoso.post(bodyWith(pointer, null))).status, pointer).toBe(200);
    }
  });

  describe('has its text placed by line and column', () => {
    it.each([
      ['a trailing comma', '{\n  "type": "Independent",\n  "name": "x",\n}', 4, 1, 'Remove the comma before "}".'],
      ['a trailing comma in a list', '{"team":[\n{},]}', 2, 4, 'Remove the comma before "]".'],
      ['a comment', '{\n  // why\n}', 2, 3, 'JSON has no comments; remove it.'],
      ['another comment', '{"a": /* b */ 1}', 1, 7, 'JSON has no comments; remove it.'],
      ['a missing comma', '{"a":1 "b":2}', 1, 8, 'A comma is expected here.'],
      ['a missing brace', '{"a":1', 1, 7, 'A closing brace "}" is expected here.'],
      ['a name without quotes', '{a:1}', 1, 2, 'A member name in quotation marks is expected here.'],
      ['something behind it', '{} x', 1, 4, undefined],
      ['nothing', '', 1, 1, 'The text is empty; a JSON value is expected.'],
      ['white space', ' \n ', 2, 2, 'The text is empty; a JSON value is expected.'],
      ['single quotes', "{'a':1}", 1, 2, undefined],
      ['a broken text', '{"a":"b\n"}', 1, 6, undefined],
      ['NaN', '{"a":NaN}', 1, 6, undefined],
      ['a number with a leading zero', '{"a":01}', 1, 7, undefined],
    ])('%s', async (_title, text, line, column, message) => {
      const answer = await contoso.post(text);
      const [fault] = faultsIn(answer);
      expect(fault?.message).toContain(`(line ${line}, column ${column})`);
      if (message !== undefined) expect(fault?.message).toContain(message);
      expect(faultsIn(await contoso.patch(deal.id, text))).toEqual(faultsIn(answer));
    });
  });

  it('with a name twice is 400, at every depth and in every case of its letters', async () => {
    expect(faultNames(await contoso.post('{"type":"Shared","type":"Shared"}'))).toEqual(['duplicateMember /type']);
    expect(faultNames(await contoso.post('{"details":{"notes":"a","notes":"b"}}'))).toEqual([
      'duplicateMember /details/notes',
    ]);
    expect(faultNames(await contoso.post('{"team":[{"\\u0065mail":"a","email":"b"}]}'))).toEqual([
      'duplicateMember /team/0/email',
    ]);
    const folded = { ...leastDeal(), name: 'a', NAME: 'b' };
    expect(faultNames(await contoso.post(folded))).toEqual(['ambiguousMember /NAME']);
    const operation = '[{"op":"add","op":"add","path":"/details/notes","value":1}]';
    expect(faultNames(await contoso.patch(deal.id, operation))).toEqual(['duplicateMember /0/op']);
  });

  it('with 51 solutions, colleagues or contacts is 400, and with 50 it is not', async () => {
    const many = (length: number, item: object) => Array.from({ length }, () => item);
    const list = {
      '/details/requirements/solutions': { id: 'SOL-1', name: 'x', type: 'Name' },
      '/team': { email: 'x@contoso.com' },
      '/customerProfile/team': { email: 'x@contoso.com' },
    };
    for (const [pointer, item] of Object.entries(list)) {
      expect((await contoso.post(bodyWith(pointer, many(50, item)))).status).toBe(200);
      expect(faultNames(await contoso.post(bodyWith(pointer, many(51, item))))).toEqual([`tooManyItems ${pointer}`]);
    }
  });

  it('with names that objects inherit is 400 and harmless', async () => {
    for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'propertyValue']) {
      const text = JSON.stringify(leastDeal());
      const within = `${text.slice(0, -1)},"${name}":{"isAdmin":true}}`;
      expect(faultNames(await contoso.post(within))).toEqual([`unknownMember /${name}`]);
      const below = `${text.slice(0, -1)},"team":[{"${name}":{"email":"x"}}]}`;
      expect(faultNames(await contoso.post(below))).toEqual([`unknownMember /team/0/${name}`]);
      expect(faultNames(await contoso.put(deal.id, within, { 'if-match': '*' }))).toEqual([`unknownMember /${name}`]);
      const operation = `[{"op":"add","path":"/team/-","value":{"${name}":1}}]`;
      expect(faultNames(await contoso.patch(deal.id, operation))).toEqual([`unknownMember /team/-/${name}`]);
      // In an operation itself more members are allowed, and these are no op, path or value.
      const bare = `[{"${name}":{"op":"add","path":"/campaignId","value":"x"}}]`;
      expect(faultNames(await contoso.patch(deal.id, bare))).toHaveLength(3);
    }
    expect(({} as Json).isAdmin).toBeUndefined();
  });

  it('with U+0000 or half a character is 400, in values, names and pointers', async () => {
    for (const bad of ['\\u0000', '\\ud800', '\\udc00', '\\ud800x', '\\udc00\\ud800']) {
      const text = JSON.stringify(leastDeal()).slice(0, -1);
      expect(faultNames(await contoso.post(`${text},"name":"a${bad}"}`))).toEqual(['invalidText /name']);
      expect((await contoso.post(`${text},"${bad}":1}`)).status).toBe(400);
      const operation = `[{"op":"add","path":"/team/${bad}","value":1}]`;
      expect(faultNames(await contoso.patch(deal.id, operation))).toEqual(['invalidText /0/path']);
    }
    expect((await contoso.create({ ...leastDeal(), name: '😀\u0001\u202e' })).name).toBe('😀\u0001\u202e');
  });

  it('with a number that Edm.Decimal(18,4) does not hold is 400 and never rounded', async () => {
    const at = '/details/dealValue';
    const post = (digits: string) => contoso.post(JSON.stringify(bodyWith(at, 'DIGITS')).replace('"DIGITS"', digits));
    for (const digits of [
      '100000000000000',
      '1.00001',
      '-1e14',
      '1e400',
      '1e-5',
      '123456789012345678901234567890',
      '0.00009',
      '99999999999999.99999',
      '1e999999999',
      '-1.23456',
    ]) {
      expect(faultNames(await post(digits)), digits).toEqual([`tooManyDigits ${at}`]);
      expect(faultNames(await post(`"${digits}"`)), digits).toEqual([`tooManyDigits ${at}`]);
    }
    for (const [digits, written] of [
      ['99999999999999.9999', '99999999999999.9999'],
      ['-99999999999999.9999', '-99999999999999.9999'],
      ['1.50000000', '1.5'],
      ['1e2', '100'],
      ['1.5E-3', '0.0015'],
      ['-0', '0'],
      ['0.0000', '0'],
      ['10000.00', '10000'],
      ['0e999', '0'],
    ] as const) {
      const answer = await post(digits);
      answeredIn(answer);
      expect(answer.text, digits).toContain(`"dealValue":${written},`);
    }
  });

  it.each([
    'soon',
    '2025',
    '2025-13-01',
    '2025-02-30',
    '2025-02-29T00:00:00Z',
    '2025-06-31',
    '25-01-01',
    '2025-1-1',
    '01/31/2025',
    '31.01.2025',
    '2025-01-01T24:01:00Z',
    '2025-01-01T10:60:00Z',
    '2025-01-01T10:00:61Z',
    '2025-01-01 10h',
    '2025-01-01T10:00:00.12345678Z',
    '2025-01-01T10:00:00+25:00',
    '2025-01-01T10:00:00+0',
    '2025-W01',
    '20250101',
    '1735689600',
    '/Date(1735689600000)/',
    'Mon, 06 Jan 2025 10:00:00 GMT',
    '+012025-01-01T00:00:00Z',
    '2025-01-01T10:00:00Z ',
    ' 2025-01-01',
    '٢٠٢٥-01-01',
    '0000-00-00',
    'null',
    '2025-01-01T',
    'T10:00:00Z',
  ])('with the date "%s" is 400', async (closingDateTime) => {
    // biome-ignore format: a list of dates
    const answer = await contoso.post(bodyWith('/details/closingDateTime', closingDateTime));
    expect(faultNames(answer)).toEqual(['invalidDate /details/closingDateTime']);
  });

  it('nested 10,000 deep is 400, as an object and as a list', async () => {
    const deep = (open: string, close: string) => `${open.repeat(10_000)}1${close.repeat(10_000)}`;
    for (const text of [deep('[', ']'), deep('{"a":', '}'), deep('{"details":[', ']}'), '['.repeat(500_000)]) {
      expect(faultNames(await contoso.post(text))).toEqual(['tooDeep ']);
      expect(faultNames(await contoso.patch(deal.id, text))).toEqual(['tooDeep ']);
      expect(faultNames(await contoso.put(deal.id, text, { 'if-match': '*' }))).toEqual(['tooDeep ']);
    }
  });

  it('of 10,000 operations is worked on, or named by its first hundred faults', async () => {
    const operations = Array.from({ length: 10_000 }, (_, at) => ({ op: 'add', path: '/campaignId', value: `c${at}` }));
    const own = await contoso.create(privateDeal);
    const answer = await contoso.patch(own.id, operations);
    expect(answer.status).toBe(204);
    expect((await contoso.read(own.id)).campaignId).toBe('c9999');
    const wrong = operations.map(({ op, value }) => ({ op, path: '/nowhere', value }));
    const refused = await contoso.patch(own.id, wrong);
    expect(faultsIn(refused)).toHaveLength(100);
    expect(refused.text).toContain('10000 faults, of which 100 are named');
  });

  it('of 10,000 unknown members has its first hundred named', async () => {
    const body: Json = leastDeal();
    for (let at = 0; at < 10_000; at += 1) body[`member${at}`] = at;
    expect(faultsIn(await contoso.post(body))).toHaveLength(100);
    expect(faultsIn(await contoso.put(deal.id, body, { 'if-match': '*' }))).toHaveLength(100);
  });

  it('that is not UTF-8 is 400', async () => {
    const token = await server.tokenOf(users.admin);
    for (const bytes of [[0xff], [0xc3, 0x28], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
      const body = Buffer.concat([Buffer.from('{"name":"'), Buffer.from(bytes), Buffer.from('"}')]);
      const head = `POST ${collection} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n`;
      const sent = Buffer.concat([Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n`), body]);
      const answer = readRaw((await sendRaw(server.port, sent)).received);
      if (answer === undefined) throw new Error('there was no answer');
      expect(expectEnvelope(answer, 400, 'invalidBody').details).toMatchObject([{ code: 'invalidJson', target: '' }]);
    }
  });

  describe('of a size or type that is not taken', () => {
    it('is 413 at one byte more than a megabyte, and not at a megabyte', async () => {
      const text = JSON.stringify(leastDeal());
      expect((await contoso.post(text + ' '.repeat(1_048_576 - text.length))).status).toBe(200);
      expectEnvelope(await contoso.post(text + ' '.repeat(1_048_577 - text.length)), 413, 'bodyTooLarge');
    });

    it.each(['Content-Length', 'chunks'])('is 413 at 5 MB by %s, and the client hears it', async (framing) => {
      const body = JSON.stringify({ ...leastDeal(), name: 'x'.repeat(5_000_000) });
      const header =
        framing === 'chunks' ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length) };
      for (const answer of [
        await contoso.post(body, header),
        await contoso.patch(deal.id, body, header),
        await contoso.put(deal.id, body, { ...header, 'if-match': '*' }),
      ]) {
        const error = expectEnvelope(answer, 413, 'bodyTooLarge');
        expect(error.message).toContain('1048576');
      }
      expect((await contoso.read(deal.id)).id).toBe(deal.id);
    });

    it.each([
      ['text/plain', {}],
      ['application/xml', {}],
      ['application/x-www-form-urlencoded', {}],
      ['multipart/form-data; boundary=x', {}],
      ['application/json; charset=utf-16', {}],
      ['application/json; charset=iso-8859-1', {}],
      ['application/json, text/plain', {}],
      ['application/jsonp', {}],
      ['json', {}],
      ['application/json', { 'content-encoding': 'gzip' }],
      ['application/json', { 'content-encoding': 'br' }],
      ['application/json', { 'content-encoding': 'identity, gzip' }],
    ])('is 415 as %s %j', async (type, header) => {
      const headers = { 'content-type': type, ...header };
      const answer = await contoso.post(JSON.stringify(leastDeal()), headers);
      expectEnvelope(answer, 415, 'mediaTypeNotSupported');
      expect(answer.headers['accept-patch']).toBe('application/json, application/json-patch+json');
      expectEnvelope(await contoso.patch(deal.id, '[]', headers), 415, 'mediaTypeNotSupported');
    });

    it('is 415 as a patch where none is taken', async () => {
      const headers = { 'content-type': 'application/json-patch+json' };
      expectEnvelope(await contoso.post('[]', headers), 415, 'mediaTypeNotSupported');
      expectEnvelope(await contoso.put(deal.id, '{}', { ...headers, 'if-match': '*' }), 415, 'mediaTypeNotSupported');
    });

    it('is 400 where it is gzip and does not say so', async () => {
      const token = await server.tokenOf(users.admin);
      const body = gzipSync(JSON.stringify(leastDeal()));
      const head = `POST ${collection} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n`;
      const sent = Buffer.concat([Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n`), body]);
      expect(readRaw((await sendRaw(server.port, sent)).received)?.status).toBe(400);
    });
  });

  it('in chunks is read like another', async () => {
    const created = await contoso.create(privateDeal, { 'transfer-encoding': 'chunked' });
    expect(created.status).toBe('Active');
    const token = await server.tokenOf(users.admin);
    const text = JSON.stringify({ ...leastDeal(), name: 'in chunks of a byte, ü' });
    const chunks = [...Buffer.from(text)].map((byte) =>
      Buffer.concat([Buffer.from('1\r\n'), Buffer.from([byte]), Buffer.from('\r\n')]),
    );
    const head = `POST ${collection} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const { received } = await sendRaw(
      server.port,
      Buffer.concat([Buffer.from(head), ...chunks, Buffer.from('0\r\n\r\n')]),
    );
    expect(readRaw(received)?.status).toBe(200);
    expect(received).toContain('"name":"in chunks of a byte, ü"');
  });

  it('that breaks off leaves nothing', async () => {
    const before = await count();
    const token = await server.tokenOf(users.admin);
    const text = JSON.stringify(leastDeal());
    for (const head of [`Content-Length: ${text.length + 1}`, 'Transfer-Encoding: chunked']) {
      const body = head.startsWith('T') ? `${text.length.toString(16)}\r\n${text}\r\n` : text;
      const bytes = `POST ${collection} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n${head}\r\n\r\n${body}`;
      await new Promise<void>((resolve) => {
        const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes, () => socket.destroy()));
        socket.on('error', () => undefined).on('close', () => resolve());
      });
    }
    // Only once the server has seen both end is it certain that it did nothing. (Older observations are gone by now.)
    const brokenOff = () =>
      server.observations.filter((seen) => seen.kind === 'requestAnswered' && seen.status === 499);
    while (brokenOff().length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await count()).toBe(before);
  });

  it('of another type than an object or a list is 400', async () => {
    for (const text of ['null', 'true', '5', '"text"', '[]', '[{}]']) {
      expect(faultNames(await contoso.post(text))).toEqual(['wrongType ']);
      expect(faultNames(await contoso.put(deal.id, text, { 'if-match': '*' }))).toEqual(['wrongType ']);
      if (!text.startsWith('[')) expect(faultNames(await contoso.patch(deal.id, text))).toEqual(['wrongType ']);
    }
    expect((await contoso.read(ids.london)).id).toBe(ids.london);
  });
});
