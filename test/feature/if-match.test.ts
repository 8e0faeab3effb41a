import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectEnvelope } from '../support/answers.ts';
import { privateDeal } from '../support/documented-requests.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { type Answered, detailsOf, type Writer, writingAs } from '../support/writing.ts';

const noted = (value: string) => [{ op: 'replace', path: '/details/notes', value }];
const bare = (eTag: string) => eTag.replaceAll('"', '');

/** Forms of If-Match, made of the current tag and an older one, that hold. */
const holding: readonly (readonly [title: string, form: (eTag: string) => string])[] = [
  ['the tag with its quotes', (eTag) => eTag],
  ['a list that has it', (eTag) => `"x", ${eTag} ,"y"`],
  ['a list without spaces', (eTag) => `"x",${eTag}`],
  ['*', () => '*'],
];

/** Forms that do not, and what is said of each. */
const failing: readonly (readonly [title: string, form: (eTag: string, before: string) => string, code: string])[] = [
  ['an older tag', (_eTag, before) => before, 'eTagStale'],
  ['an older tag without its quotes', (_eTag, before) => bare(before), 'eTagStale'],
  ['a list of older tags', (_eTag, before) => `"x", ${before}`, 'eTagStale'],
  ['the tag without its quotes', (eTag) => bare(eTag), 'eTagQuotesLost'],
  ['the tag as it stands in JSON', (eTag) => JSON.stringify(eTag).slice(1, -1), 'eTagQuotesLost'],
  ['the tag marked as weak', (eTag) => `W/${eTag}`, 'eTagWeak'],
  ['the tag in other letters', (eTag) => eTag.toUpperCase().replace('-0700-', '-07FF-'), 'eTagOfAnother'],
  ["another referral's tag", () => '"0000a001-0000-0700-0000-67ed00140000"', 'eTagOfAnother'],
  ['a text', () => 'garbage', 'eTagOfAnother'],
  ['quotes around nothing', () => '""', 'eTagOfAnother'],
  ['a star in quotes', () => '"*"', 'eTagOfAnother'],
];

describeOnEachEngine('If-Match of a write', (engine) => {
  let server: TestServer;
  let contoso: Writer;
  let deal: Answered;
  let before: string;
  beforeAll(async () => {
    server = await startTestServer(engine);
    contoso = writingAs(server, users.admin);
  });
  beforeEach(async () => {
    const created = await contoso.create(privateDeal);
    before = created.eTag;
    await contoso.patch(created.id, noted('once changed'));
    deal = await contoso.read(created.id);
  });
  afterAll(() => server.close());

  it.each(holding)('holds for %s', async (_title, form) => {
    const patched = await contoso.patch(deal.id, noted('x'), { 'if-match': form(deal.eTag) });
    expect(patched.status).toBe(204);
    const now = String(patched.headers.etag);
    const put = await contoso.put(deal.id, { details: { notes: 'y' } }, { 'if-match': form(now) });
    expect(put.status).toBe(200);
  });

  it.each(failing)('does not hold for %s, and says why', async (_title, form, code) => {
    const headers = { 'if-match': form(deal.eTag, before) };
    for (const answer of [
      await contoso.patch(deal.id, noted('x'), headers),
      await contoso.patch(deal.id, [], headers),
      await contoso.put(deal.id, { details: { notes: 'x' } }, headers),
      await contoso.put(deal.id, {}, headers),
    ]) {
      const error = expectEnvelope(answer, 412, '99918');
      const [advice, ...others] = detailsOf(error);
      expect(others).toEqual([]);
      expect(advice).toMatchObject({ code, target: 'If-Match' });
      expect(advice?.message).toContain(`The current eTag is ${deal.eTag}: send it in If-Match, with its quotes.`);
    }
    expect(await contoso.read(deal.id)).toEqual(deal);
  });

  it('that fails has the observed body, to the letter', async () => {
    const answer = await contoso.patch(deal.id, noted('x'), { 'if-match': before });
    expect(JSON.parse(answer.text)).toEqual({
      error: {
        code: 'preconditionFailed',
        message:
          "A precondition provided in the request (such as an if-match header) does not match the resource's current state.",
        target: 'ETag',
        innerError: {
          code: '99918',
          message: 'One of the specified pre-condition is not met. Etag value did not Match',
          details: null,
        },
        details: [
          {
            code: 'eTagStale',
            target: 'If-Match',
            message: `The referral was changed after you read it. Read it again and decide anew. The current eTag is ${deal.eTag}: send it in If-Match, with its quotes.`,
          },
        ],
      },
    });
  });

  it('keeps two people from overwriting each other', async () => {
    const headers = { 'if-match': deal.eTag };
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => contoso.patch(deal.id, noted(`writer ${index}`), headers)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array.from({ length: 7 }, () => 412)]);
  });

  it('is not needed for a PATCH', async () => {
    expect((await contoso.patch(deal.id, noted('x'))).status).toBe(204);
  });

  describe('with IF_MATCH=lenient', () => {
    let lenient: TestServer;
    beforeAll(async () => {
      lenient = await startTestServer(engine, { IF_MATCH: 'lenient' });
    });
    afterAll(() => lenient.close());

    it('holds without quotes and with W/ too, and says that it was lenient', async () => {
      const writer = writingAs(lenient, users.admin);
      let { id, eTag } = await writer.create(privateDeal);
      for (const [index, form] of [
        bare,
        (tag: string) => `W/${tag}`,
        (tag: string) => `W/${bare(tag)}`,
        (tag: string) => JSON.stringify(tag).slice(1, -1),
      ].entries()) {
        const answer = await writer.patch(id, noted(String(index)), { 'if-match': form(eTag) });
        expect([answer.status, answer.headers['cosell-extension']]).toEqual([204, 'lenient-if-match']);
        eTag = String(answer.headers.etag);
      }
      const put = await writer.put(id, {}, { 'if-match': bare(eTag) });
      expect([put.status, put.headers['cosell-extension']]).toEqual([200, 'lenient-if-match']);
    });

    it('says nothing where it was not needed', async () => {
      const writer = writingAs(lenient, users.admin);
      const { id, eTag } = await writer.create(privateDeal);
      for (const headers of [{}, { 'if-match': '*' }, { 'if-match': eTag }] as Record<string, string>[]) {
        const answer = await writer.patch(id, [], headers);
        expect([answer.status, answer.headers['cosell-extension']]).toEqual([204, undefined]);
      }
    });

    it('still fails for another version', async () => {
      const writer = writingAs(lenient, users.admin);
      const stale = String(
        (await lenient.exchange.store.findReferral('7d23e5ca-19dc-4eaa-aac8-5e6b559f0d1d', ids.london))?.eTag,
      );
      await writer.patch(ids.london, noted('x'));
      for (const form of [stale, bare(stale), `W/${stale}`]) {
        expectEnvelope(await writer.patch(ids.london, noted('y'), { 'if-match': form }), 412, '99918');
      }
    });
  });
});
