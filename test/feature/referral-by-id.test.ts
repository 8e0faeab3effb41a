import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeOnEachEngine } from '../support/engines.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const documented = 'c5fbb3b6-be74-4795-9fb5-4324c73fed37';

describeOnEachEngine('a referral by id', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());

  describe('the documented example', () => {
    it('answers every documented member with its documented value', async () => {
      const answer = await server.askAs('contoso-admin', `/v1.0/engagements/referrals/${documented}`);
      expect(answer.status).toBe(200);
      expect(answer.json()).toMatchObject({
        id: documented,
        engagementId: '65edc0b5-3485-41b7-a17e-dfa9ef4706e2',
        status: 'New',
        substatus: 'Pending',
        expirationDateTime: null,
        eTag: '"2500ec5a-0000-0000-0000-5bf4967d0000"',
      });
    });
  });
});
