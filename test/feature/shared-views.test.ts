import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, comparable } from '../support/answers.ts';
import { memberOrder, orderOf } from '../support/documented-example.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { ids, unknownIds, users } from '../support/sample.ts';
import { hiddenMembers, sampleViews } from '../support/sample-views.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

describeOnEachEngine("another member's record", (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());

  describe.each(sampleViews)('$title', ({ user, id, shown, secrets }) => {
    const read = async () => {
      const answer = await server.askAs(user, `${collection}/${id}`);
      expect(answer.status).toBe(200);
      return answer;
    };

    it('shows these members and no others', async () => {
      const answer = await read();
      const eTag = answer.headers.etag;
      expect(eTag).toMatch(/^"[0-9a-f]{8}-0000-0700-0000-[0-9a-f]{8}0000"$/);
      const links = {
        relatedReferrals: {
          uri: `${server.origin}${collection}?$filter=engagementId eq '${shown.engagementId}'`,
          method: 'GET',
        },
        self: { uri: `${server.origin}${collection}/${id}`, method: 'GET' },
      };
      const context = `${server.origin}${collection}/$metadata#Referrals/$entity`;
      expect(answer.json()).toEqual({ ...hiddenMembers, ...shown, '@odata.context': context, id, eTag, links });
    });

    it('has the form of every other referral', async () => {
      const found = orderOf((await read()).json());
      expect(found).toEqual(memberOrder.filter((path) => found.includes(path) || !path.includes('[]')));
    });

    it('holds no word of what is hidden', async () => {
      const { text, rawHeaders } = await read();
      // The time in an eTag may look like any number.
      const untimed = (part: string) => part.replaceAll(/-0000-0700-0000-[0-9a-f]{12}/g, '');
      // A view's target shows solutions and locations, and links the engagement; nothing else does.
      const rest = text.replace(/"target":\[[^\]]*\]/, '').replace(/"links":\{.*?\}\}/, '');
      for (const secret of secrets) {
        expect(untimed(rest)).not.toContain(secret);
        expect(untimed(rawHeaders.join())).not.toContain(secret);
      }
    });

    it('is the same at each reading', async () => {
      expect(comparable(await read())).toEqual(comparable(await read()));
    });
  });

  it('is 404 for those who do not reach a record of their own in the engagement', async () => {
    for (const user of [users.member, users.london]) {
      const nothing = comparable(await server.askAs(user, `${collection}/${unknownIds[0]}`));
      for (const id of [ids.coSellOfMicrosoft, ids.jointOfTailspin]) {
        expect(comparable(await server.askAs(user, `${collection}/${id}`))).toEqual(nothing);
      }
    }
  });
});
