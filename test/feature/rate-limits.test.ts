import { afterAll, beforeAll, expect, it } from 'vitest';
import { collection, expectEnvelope } from '../support/answers.ts';
import { sendBatch } from '../support/batches.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { ids, unknownIds, users } from '../support/sample.ts';
import { startTestServer, type TestServer, type WireAnswer } from '../support/test-server.ts';
import { writingAs } from '../support/writing.ts';

describeOnSqlite('a limit', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    const rates = { RATE_LIMIT_USER: '20/200', RATE_LIMIT_ORGANIZATION: '50/50', RATE_LIMIT_ADDRESS: '1000/10000' };
    server = await startTestServer(engine, { ...rates, TRUST_PROXY: '127.0.0.1' });
  });
  afterAll(() => server.close());

  /** Time enough for every bucket to be full again; a token lives for an hour. */
  const pass = (seconds = 300) => {
    server.clock.aheadMs += seconds * 1_000;
  };
  const path = `${collection}/${ids.won}`;
  const as = (user: string, at = path, from = '192.0.2.1') =>
    server.askAs(user, at, { headers: { 'x-forwarded-for': from } });
  const stranger = (from: string, at = path) =>
    server.ask(at, { headers: { authorization: 'Bearer x', 'x-forwarded-for': from } });
  /** How many requests are answered before the first that is refused, and that. */
  const untilThrottled = async (ask: () => Promise<WireAnswer>): Promise<[number, WireAnswer]> => {
    for (let count = 0; count < 1_000; count += 1) {
      const answer = await ask();
      if (answer.status === 429) return [count, answer];
    }
    throw new Error('nothing was refused');
  };

  it('of a user is his alone, says when to come back, and keeps to it', async () => {
    const [count, answer] = await untilThrottled(() => as(users.admin));
    expect(count).toBe(20);
    const error = expectEnvelope(answer, 429, 'throttled');
    // Ten seconds bring one back, of which the requests have taken some.
    const seconds = String(answer.headers['retry-after']);
    expect(seconds).toMatch(/^([5-9]|10)$/);
    expect(error.message).toBe(`Rate limit is exceeded. Try again in ${seconds} seconds.`);
    expect(answer.headers['ratelimit-policy']).toBe('"user";q=20;w=200');
    expect(answer.headers.ratelimit).toBe(`"user";r=0;t=${seconds}`);
    expect((await as(users.member)).status).toBe(200);
    pass(Number(seconds) - 5);
    expect((await as(users.admin)).status).toBe(429);
    pass(5);
    const next = await as(users.admin);
    expect([next.status, next.headers.ratelimit]).toEqual([200, undefined]);
    expect((await as(users.admin)).status).toBe(429);
    pass();
  });

  it('of an organisation counts all of its users, and no others', async () => {
    for (const user of [users.admin, users.member]) for (let round = 0; round < 20; round += 1) await as(user);
    // He has asked for nothing yet, but his organisation has ten tokens left, and those that came back meanwhile.
    const [count, answer] = await untilThrottled(() => as(users.london));
    expect(answer.headers['ratelimit-policy']).toBe('"organization";q=50;w=50');
    expect(count).toBeGreaterThanOrEqual(10);
    expect((await as(users.tailspin, collection)).status).toBe(200);
    pass();
  });

  it('counts each request of a batch', async () => {
    const requests = Array.from({ length: 30 }, (_item, at) => ({
      id: String(at),
      method: 'GET',
      url: `referrals/${ids.won}`,
    }));
    const answers = await sendBatch(writingAs(server, users.admin), requests);
    // The batch itself is one.
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(11);
    pass();
  });

  it('makes guessing slow: an id that is not there costs ten times what one costs that is', async () => {
    const [guesses] = await untilThrottled(() => as(users.admin, `${collection}/${unknownIds[0]}`));
    expect(guesses).toBe(2);
    pass();
    const [known] = await untilThrottled(() => as(users.admin));
    expect(known).toBe(20);
    pass();
  });

  it('of an address counts before anything is proved, and tokens that prove nothing cost ten times as much', async () => {
    const [forged, answer] = await untilThrottled(() => stranger('198.51.100.7'));
    expect(forged).toBe(100);
    expectEnvelope(answer, 429, 'throttled');
    expect(answer.headers['ratelimit-policy']).toBe('"address";q=1000;w=10000');
    // Neither another address nor a document for everybody is held up.
    expect((await stranger('198.51.100.8')).status).toBe(401);
    const open = { headers: { 'x-forwarded-for': '198.51.100.7' } };
    expect((await server.ask('/openapi.json', open)).status).toBe(200);
    expect((await server.ask('/health/live', open)).status).toBe(200);
    // Nor does a path that is not there let anybody around it.
    expect((await stranger('198.51.100.7', '/nothing')).status).toBe(429);
    pass();
  });

  it('takes the 2^64 addresses of one network of version 6 for one', async () => {
    let last = 0;
    const [forged] = await untilThrottled(() => {
      last += 1;
      return stranger(`2001:db8:1:2::${last.toString(16)}`);
    });
    expect(forged).toBe(100);
    expect((await stranger('2001:0db8:0001:0002:ffff::1')).status).toBe(429);
    expect((await stranger('2001:db8:1:3::1')).status).toBe(401);
    pass();
  });

  it('is not there in a sandbox, and there outside of one, when nothing is said', async () => {
    const sandbox = await startTestServer(engine);
    for (let round = 0; round < 50; round += 1) {
      const { status, headers } = await sandbox.askAs(users.admin, `${collection}/${unknownIds[0]}`);
      expect([status, headers.ratelimit]).toEqual([404, undefined]);
    }
    await sandbox.close();
    const own = await startTestServer(engine, { SANDBOX: 'false' });
    const [guesses, answer] = await untilThrottled(() => own.askAs(users.admin, `${collection}/${unknownIds[0]}`));
    expect(answer.headers['ratelimit-policy']).toBe('"user";q=3000;w=60');
    expect(guesses).toBeGreaterThanOrEqual(300);
    await own.close();
  });
});
