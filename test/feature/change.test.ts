import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alias, collection, expectEnvelope } from '../support/answers.ts';
import {
  coSellDeal,
  type Json,
  leastDeal,
  microsoftsRecord,
  patches,
  privateDeal,
} from '../support/documented-requests.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { organizations, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import {
  type Answered,
  answeredIn,
  detailsOf,
  faultNames,
  faultsIn,
  type Writer,
  writingAs,
} from '../support/writing.ts';

const set = (path: string, value: unknown) => ({ op: 'replace', path, value });
const add = (path: string, value: unknown) => ({ op: 'add', path, value });
const representation = { prefer: 'return=representation' };
const jane = { firstName: 'Jane', lastName: 'Doe', phoneNumber: '0000000001', email: 'jane.doe@contoso.com' };
const solution = { id: 'SOL-2', name: 'Second', type: 'Name' };

/** The value at a pointer; of `-` the last item. */
function at(document: unknown, pointer: string): unknown {
  return pointer
    .slice(1)
    .split('/')
    .reduce<unknown>(
      (value, step) =>
        step === '-' ? (value as unknown[]).at(-1) : (value as Record<string, unknown> | undefined)?.[step],
      document,
    );
}

/** Each path of the swagger with a value (facts §14.1), and places below them. */
const documentedPaths: readonly (readonly [pointer: string, value: unknown])[] = [
  ['/campaignId', 'SPRING'],
  ['/consent/consentToShareReferralWithMicrosoftSellers', true],
  ['/customerProfile/team', [jane]],
  ['/customerProfile/team/-', jane],
  ['/details/closingDateTime', '2026-06-30T00:00:00Z'],
  ['/details/currency', 'EUR'],
  ['/details/dealValue', 10000.5],
  ['/details/notes', 'Lorem ipsum'],
  ['/details/requirements/solutions', [solution]],
  ['/details/requirements/solutions/-', solution],
  ['/externalReferenceId', 'CRM-7'],
  ['/referralProgram', 'Migrate'],
  ['/salesStage', 'Develop'],
  ['/statusReason', 'Waiting'],
  ['/team', [jane]],
  ['/team/-', jane],
  ['/team/0', jane],
  ['/team/0/phoneNumber', '42'],
  ['/team/0/title', 'CTO'],
  ['/team/0/contactPreference', { locale: 'de-ch', disableNotifications: true }],
  ['/team/0/contactPreference/locale', 'de-ch'],
  ['/customerProfile/team/0/email', 'sue@contoso.com'],
  ['/details/requirements/solutions/0/name', 'Other'],
  ['/details/requirements/solutions/0/price', '12.5'],
  ['/details/requirements/solutions/0/closingDateTime', '2027-01-01'],
];

/** What stands there afterwards, where that is not the value that was sent. */
const writtenAs: Readonly<Record<string, unknown>> = {
  '/salesStage': '40',
  '/details/requirements/solutions/0/price': 12.5,
  '/details/requirements/solutions/0/closingDateTime': '2027-01-01T00:00:00Z',
};

/** The paths that this server has beyond them (decision 14). */
const extensionPaths: readonly (readonly [pointer: string, value: unknown])[] = [
  ['/name', 'Another name'],
  ['/favorite', true],
  ['/inviteContext/notes', 'Please hurry'],
  ['/inviteContext/assistanceRequestCode', 'QuotesOrLicensing'],
  ['/details/requirements/additionalRequirements/attributes', [{ type: 'SolutionArea', id: 'Security' }]],
  ['/details/requirements/additionalRequirements/attributes/-', { type: 'SolutionArea', id: 'Security' }],
];

/** What only the exchange sets, and what stays as it was created, each with another value. */
const closedPaths: readonly (readonly [pointer: string, value: unknown, code: string])[] = [
  ['/id', '00000000-0000-4000-8000-000000000000', 'readOnlyMember'],
  ['/organizationId', organizations.tailspin, 'readOnlyMember'],
  ['/organizationName', 'x', 'readOnlyMember'],
  ['/createdDateTime', '2020-01-01T00:00:00Z', 'readOnlyMember'],
  ['/updatedDateTime', '2020-01-01T00:00:00Z', 'readOnlyMember'],
  ['/expirationDateTime', '2020-01-01T00:00:00Z', 'readOnlyMember'],
  ['/acceptedDateTime', null, 'readOnlyMember'],
  ['/closedDateTime', '2020-01-01T00:00:00Z', 'readOnlyMember'],
  ['/eTag', '"x"', 'readOnlyMember'],
  ['/direction', 'Incoming', 'readOnlyMember'],
  ['/quality', 'High', 'readOnlyMember'],
  ['/isSpam', true, 'readOnlyMember'],
  ['/tags', [{ tag: 'x' }], 'readOnlyMember'],
  ['/tags/-', { tag: 'x' }, 'readOnlyMember'],
  ['/referralSource', 'AppSource', 'readOnlyMember'],
  ['/callToAction', 'ContactMe', 'readOnlyMember'],
  ['/dealSensitivity', 'High', 'readOnlyMember'],
  ['/createdVia', 'x', 'readOnlyMember'],
  ['/lastModifiedVia', 'x', 'readOnlyMember'],
  ['/registrationStatus', 'Approved', 'readOnlyMember'],
  ['/trackingInfo/microsoftMsxId', '7-X', 'readOnlyMember'],
  ['/trackingInfo', { microsoftMsxId: '7-X' }, 'readOnlyMember'],
  ['/links/self/uri', 'https://example.com/', 'readOnlyMember'],
  ['/customerProfile/isMatchingComplete', true, 'readOnlyMember'],
  ['/details/customerAction', 'x', 'readOnlyMember'],
  ['/team/0/emailValidationStatus', 'Valid', 'readOnlyMember'],
  ['/engagementId', '00000000-0000-4000-8000-000000000000', 'frozenMember'],
  ['/type', 'Shared', 'frozenMember'],
  ['/qualification', 'Direct', 'frozenMember'],
  ['/mpnId', '5512345', 'frozenMember'],
  ['/lastRunId', 'x', 'frozenMember'],
  ['/target', [{ type: 'SolutionProfile', id: 'x' }], 'frozenMember'],
  ['/target/-', { type: 'SolutionProfile', id: 'x' }, 'frozenMember'],
  ['/customerProfile/name', 'x', 'frozenMember'],
  ['/customerProfile/size', 'x', 'frozenMember'],
  ['/customerProfile/address/city', 'x', 'frozenMember'],
  ['/customerProfile/address', { country: 'GB' }, 'frozenMember'],
  ['/customerProfile/ids', [{ profileType: 'Duns', id: '1' }], 'frozenMember'],
  ['/consent/consentToContact', false, 'frozenMember'],
  ['/consent/consentToToShareInfoWithOthers', false, 'frozenMember'],
  ['/details/requirements/products', [{ id: 'Azure' }], 'frozenMember'],
  ['/inviteContext/invitedMpnId', 'x', 'frozenMember'],
  ['/inviteContext/invitedBy/organizationId', 'x', 'frozenMember'],
];

describeOnEachEngine('PATCH of a referral', (engine) => {
  let server: TestServer;
  let contoso: Writer;
  let deal: Answered;
  beforeAll(async () => {
    server = await startTestServer(engine);
    contoso = writingAs(server, users.admin);
  });
  beforeEach(async () => {
    deal = await contoso.create(privateDeal);
  });
  afterAll(() => server.close());

  describe('takes each documented example as it stands', () => {
    it('value and team member, answering the whole referral', async () => {
      const answer = await contoso.patch(deal.id, patches.valueAndMember, representation);
      const changed = answeredIn(answer);
      expect(changed).toMatchObject({ details: { dealValue: 10000 }, team: [{ firstName: 'John' }, jane] });
      expect(answer.text).toContain('"dealValue":10000,');
      expect(answer.headers.etag).toBe(changed.eTag);
      expect(changed.eTag).not.toBe(deal.eTag);
      expect(changed.updatedDateTime >= deal.updatedDateTime).toBe(true);
      expect(answer.headers['preference-applied']).toBe('return=representation');
      expect((await contoso.send('GET', `${collection}/${deal.id}`)).text).toBe(answer.text);
    });

    it('value and notes, without If-Match and without an answer', async () => {
      const answer = await contoso.patch(deal.id, patches.valueAndNotes);
      expect([answer.status, answer.text]).toEqual([204, '']);
      expect(answer.headers['content-type']).toBeUndefined();
      const changed = await contoso.read(deal.id);
      expect(answer.headers.etag).toBe(changed.eTag);
      expect(changed.details).toMatchObject({ dealValue: 10000, notes: 'Lorem ipsum dolor sit amet.' });
    });

    it('won', async () => {
      const changed = answeredIn(await contoso.patch(deal.id, patches.won, representation));
      expect(changed).toMatchObject({ status: 'Closed', substatus: 'Won', salesStage: '100' });
      expect(changed.closedDateTime).toBe(changed.updatedDateTime);
    });

    it('accepted and declined, by whom it was sent to', async () => {
      const lead = {
        ...leastDeal(),
        target: [{ type: 'BusinessProfileLocation', id: 'c0ffee00-7700-4001-8000-000000000001' }],
      };
      const [first, second] = [await contoso.create(lead), await contoso.create(lead)];
      const tailspin = writingAs(server, users.tailspin);
      const accepted = answeredIn(await tailspin.patch(first.id, patches.accept, representation));
      expect(accepted).toMatchObject({ status: 'Active', substatus: 'Accepted', expirationDateTime: null });
      expect(accepted.acceptedDateTime).toBe(accepted.updatedDateTime);
      const declined = answeredIn(await tailspin.patch(second.id, patches.decline, representation));
      expect(declined).toMatchObject({
        status: 'Closed',
        substatus: 'Declined',
        statusReason: "Customer didn't respond",
      });
      expect(declined.closedDateTime).toBe(declined.updatedDateTime);
      expect(await contoso.read(second.id)).toMatchObject({
        status: 'Closed',
        statusReason: "Customer didn't respond",
      });
    });

    it('private made partner-led, with its sales stage', async () => {
      const changed = answeredIn(await contoso.patch(deal.id, patches.upgrade, representation));
      expect(changed).toMatchObject({
        salesStage: '40',
        consent: { consentToShareReferralWithMicrosoftSellers: true },
      });
      expect(await writingAs(server, users.seller).read(deal.id)).toMatchObject({
        id: deal.id,
        details: { notes: null },
      });
    });
  });

  describe.each(documentedPaths)('the documented path %s', (pointer, value) => {
    const written = writtenAs[pointer] ?? value;
    it.each(['add', 'replace'])('is written by %s', async (op) => {
      const answer = await contoso.patch(deal.id, [{ op, path: pointer, value }], representation);
      if (op === 'replace' && pointer.endsWith('/-')) {
        expect(faultNames(answer)).toEqual([`invalidPointer ${pointer}`]);
        return;
      }
      const shown = at(answeredIn(answer), pointer);
      if (typeof written === 'object') expect(shown).toMatchObject(written as object);
      else expect(shown).toBe(written);
      expect(answer.headers['cosell-extension']).toBeUndefined();
    });

    it('is found in any case of its letters', async () => {
      const answer = await contoso.patch(deal.id, [add(pointer.toUpperCase(), value)], representation);
      expect(at(answeredIn(answer), pointer)).toBeDefined();
    });
  });

  it('/status and /substatus are the last two of the eighteen, and go together', async () => {
    const named = documentedPaths.slice(0, 16).map(([pointer]) => pointer);
    expect(new Set([...named, '/status', '/substatus']).size).toBe(18);
    const alone = await contoso.patch(deal.id, [set('/status', 'Closed')]);
    const [refusal] = detailsOf(expectEnvelope(alone, 400, 'changeRefused'));
    expect(refusal).toMatchObject({ code: 'statusPair', target: '/substatus' });
    expect(refusal?.message).toContain('Won, Lost, Declined, Expired, Error');
    expect(refusal?.message).toContain('Change /status and /substatus together.');
    expect((await contoso.patch(deal.id, [set('/substatus', 'Won'), set('/status', 'Closed')])).status).toBe(204);
  });

  it('inserts at an index, and replaces an item as a whole', async () => {
    const inserted = answeredIn(await contoso.patch(deal.id, [add('/team/0', jane)], representation));
    expect(inserted.team).toMatchObject([jane, { firstName: 'John' }]);
    const replaced = answeredIn(await contoso.patch(deal.id, [set('/team/1', { email: 'x' })], representation));
    expect(replaced.team).toMatchObject([jane, { firstName: null, email: 'x' }]);
  });

  it('empties a member by null', async () => {
    const operations = [
      set('/details/notes', null),
      set('/details/dealValue', null),
      set('/details/closingDateTime', null),
      set('/team', null),
      add('/externalReferenceId', null),
    ];
    expect(answeredIn(await contoso.patch(deal.id, operations, representation))).toMatchObject({
      details: { notes: null, dealValue: null, closingDateTime: null },
      team: [],
      externalReferenceId: null,
    });
  });

  it('sets what is below an object that was never set', async () => {
    const { id } = await contoso.create(leastDeal());
    const operations = [set('/details/requirements/solutions/-', solution)].map(({ path, value }) => add(path, value));
    const changed = answeredIn(await contoso.patch(id, [...operations, set('/details/notes', 'x')], representation));
    expect(changed.details).toMatchObject({ notes: 'x', requirements: { solutions: [solution] } });
  });

  describe.each(extensionPaths)('the path %s, which is an extension', (pointer, value) => {
    it('is written, and says so', async () => {
      const { inviteContext: _help, ...plain } = JSON.parse(coSellDeal);
      const { id } = await contoso.create(plain);
      const answer = await contoso.patch(id, [add(pointer, value)], representation);
      const shown = at(answeredIn(answer), pointer);
      if (typeof value === 'object') expect(shown).toMatchObject(value as object);
      else expect(shown).toBe(value);
      expect(answer.headers['cosell-extension']).toBe('patch-path');
    });
  });

  describe.each(closedPaths)('the path %s', (pointer, value, code) => {
    it('is not written', async () => {
      const answer = await contoso.patch(deal.id, [set('/details/notes', 'x'), add(pointer, value)]);
      expect(faultNames(answer)).toEqual([`${code} ${pointer}`]);
      expect(await contoso.read(deal.id)).toEqual(deal);
    });

    it('may be sent as it is, with what is to be changed', async () => {
      if (pointer.endsWith('/-') || pointer.startsWith('/links')) return;
      const present = at(deal, pointer) ?? null;
      const operations = [set(pointer, present), set('/details/notes', 'beside it')];
      const changed = answeredIn(await contoso.patch(deal.id, operations, representation));
      expect(changed.details).toMatchObject({ notes: 'beside it' });
    });
  });

  describe('a change that changes nothing', () => {
    it.each<[string, Json[]]>([
      ['no operation', []],
      ['the same value', [set('/details/dealValue', '50000.0000')]],
      ['the same instant', [set('/details/closingDateTime', '2024-11-14T01:00:00+01:00')]],
      ['null for null', [set('/campaignId', null)]],
      [
        'there and back',
        [
          set('/details/notes', 'x'),
          set('/details/notes', 'Customer is looking to leverage Dynamics 365 to manage their supply chain.'),
        ],
      ],
      ['its own status', [set('/status', 'active'), set('/substatus', 'ACCEPTED')]],
    ])('%s leaves eTag, time and history as they are', async (_title, operations) => {
      const answer = await contoso.patch(deal.id, operations);
      expect([answer.status, answer.headers.etag]).toEqual([204, deal.eTag]);
      expect(await contoso.read(deal.id)).toEqual(deal);
      const history = await contoso.send('GET', `${collection}/${deal.id}/history`);
      expect(history.json<{ value: unknown[] }>().value).toHaveLength(1);
    });
  });

  describe('the preference for an answer', () => {
    it.each([
      ['return=representation', 200, 'return=representation'],
      ['RETURN=representation', 200, 'return=representation'],
      ['respond-async, return=representation; foo=bar', 200, 'return=representation'],
      ['return="representation"', 200, 'return=representation'],
      ['return=minimal', 204, 'return=minimal'],
      ['return=everything', 204, undefined],
      ['', 204, undefined],
    ])('%s is answered by %i', async (prefer, status, applied) => {
      const answer = await contoso.patch(deal.id, [set('/details/notes', 'x')], { prefer });
      expect([answer.status, answer.headers['preference-applied']]).toEqual([status, applied]);
      expect(answer.headers.etag).toBe((await contoso.read(deal.id)).eTag);
    });

    it('validate-only answers what would be, and stores nothing', async () => {
      const answer = await contoso.patch(deal.id, patches.won, { prefer: 'validate-only' });
      expect(answeredIn(answer)).toMatchObject({ id: deal.id, status: 'Closed', salesStage: '100' });
      expect(answer.headers).toMatchObject({
        'preference-applied': 'validate-only',
        'cosell-extension': 'validate-only',
      });
      expect(answer.headers.etag).toBeUndefined();
      expect(await contoso.read(deal.id)).toEqual(deal);
      const wrong = [set('/status', 'New'), set('/substatus', 'Pending')];
      const refused = await contoso.patch(deal.id, wrong, { prefer: 'validate-only' });
      expectEnvelope(refused, 400, 'changeRefused');
    });
  });

  it.each<[string, Json]>([
    ['a value of a wrong type', set('/details/dealValue', 'much')],
    ['a path of nothing', set('/details/nots', 'x')],
    ['an item that is not there', set('/team/7', jane)],
    ['a read-only path', set('/id', '00000000-0000-4000-8000-000000000000')],
    ['a wrong operation', { op: 'remove', path: '/team/0' }],
    ['a way that the life cycle does not have', set('/status', 'New')],
  ])('changes nothing where one of three operations has %s', async (_title, wrong) => {
    for (const operations of [
      [wrong, set('/details/notes', 'x'), set('/campaignId', 'y')],
      [set('/details/notes', 'x'), wrong, set('/campaignId', 'y')],
      [set('/details/notes', 'x'), set('/campaignId', 'y'), wrong],
    ]) {
      expect((await contoso.patch(deal.id, operations)).status).toBe(400);
      expect(await contoso.read(deal.id)).toEqual(deal);
    }
  });

  it('names the faults of all operations at once', async () => {
    const answer = await contoso.patch(deal.id, [
      { op: 'remove', path: '/team/0' },
      set('/details/dealValue', 'much'),
      set('/nots', 'x'),
      { op: 'add', path: '/details/notes' },
      { op: 'add', value: 1 },
      'text',
      set('/id', '00000000-0000-4000-8000-000000000000'),
    ]);
    expect(faultNames(answer)).toEqual([
      'invalidOperation /0/op',
      'invalidOperation /0/value',
      'invalidNumber /details/dealValue',
      'unknownMember /nots',
      'invalidOperation /3/value',
      'invalidOperation /4/path',
      'invalidOperation /5',
      'readOnlyMember /id',
    ]);
  });

  describe('the form of a patch', () => {
    it('that is an object is refused, and the form of a list is shown', async () => {
      for (const body of [{ details: { notes: 'x' } }, set('/details/notes', 'x'), {}]) {
        const [fault] = faultsIn(await contoso.patch(deal.id, body));
        expect(fault).toMatchObject({ code: 'wrongType', target: '' });
        expect(fault?.message).toContain('[{"op":"replace","path":"/details/notes","value":"…"}]');
      }
    });

    it.each(['remove', 'test', 'move', 'copy', 'Replace', 'ADD', '', 'constructor'])(
      'op "%s" is refused',
      async (op) => {
        const operation = { op, path: '/details/notes', from: '/name', value: 'x' };
        const [fault] = faultsIn(await contoso.patch(deal.id, [operation]));
        expect(fault).toMatchObject({ code: 'invalidOperation', target: '/0/op' });
        expect(fault?.message).toContain('"add" or "replace"');
      },
    );

    it.each([
      ['', 'invalidPointer '],
      ['details/notes', 'invalidPointer details/notes'],
      ['/details/notes/', 'invalidPointer /details/notes/'],
      ['/details/notes/x', 'invalidPointer /details/notes/x'],
      ['/details/', 'unknownMember /details/'],
      ['/', 'unknownMember /'],
      ['/-', 'unknownMember /-'],
      ['/details/-', 'unknownMember /details/-'],
      ['/team/00', 'invalidPointer /team/00'],
      ['/team/+1', 'invalidPointer /team/+1'],
      ['/team/-1', 'invalidPointer /team/-1'],
      ['/team/1e0', 'invalidPointer /team/1e0'],
      ['/team/email', 'invalidPointer /team/email'],
      ['/team/-/email', 'invalidPointer /team/-/email'],
      ['/team/0/0', 'unknownMember /team/0/0'],
      ['/details/no~tes', 'invalidPointer /details/no~tes'],
      ['/details~1notes', 'unknownMember /details~1notes'],
      ['/~01', 'unknownMember /~01'],
      ['/details/notes~01', 'unknownMember /details/notes~01'],
      ['/__proto__/x', 'unknownMember /__proto__'],
      ['/constructor/prototype/x', 'unknownMember /constructor'],
      ['/team/__proto__', 'invalidPointer /team/__proto__'],
      ['/team/length', 'invalidPointer /team/length'],
      ['/toString', 'unknownMember /toString'],
      ['/nots', 'unknownMember /nots'],
    ])('the path "%s" is refused', async (path, fault) => {
      for (const op of ['add', 'replace']) {
        const answer = await contoso.patch(deal.id, [{ op, path, value: 'x' }]);
        expect(faultNames(answer)).toEqual([fault]);
      }
      expect(await contoso.read(deal.id)).toEqual(deal);
    });

    it.each([
      ['replace', '/team/1'],
      ['add', '/team/2'],
      ['add', '/team/99999999999999999999'],
      ['replace', '/team/1/email'],
    ])('%s at %s, where there is no item, is refused', async (op, path) => {
      const value = path.endsWith('email') ? 'x' : jane;
      const [fault, ...others] = faultsIn(await contoso.patch(deal.id, [{ op, path, value }]));
      expect(others).toEqual([]);
      expect(fault?.code).toMatch(/^(invalidIndex|pathNotFound)$/);
    });

    it.each(['application/json', 'application/json-patch+json', 'application/json, application/json', ''])(
      'is taken as "%s"',
      async (type) => {
        const answer = await contoso.patch(deal.id, [set('/campaignId', 'x')], { 'content-type': type });
        expect(answer.status).toBe(204);
      },
    );

    it('may have more members than it needs', async () => {
      const operation = { ...set('/campaignId', 'x'), from: '/name', comment: 'hello', '@type': 'x' };
      expect((await contoso.patch(deal.id, [operation])).status).toBe(204);
    });
  });

  it('works at every form of the path', async () => {
    const upper = deal.id.toUpperCase();
    const paths = [
      `${collection}/${deal.id}/`,
      `${collection}/${deal.id}//`,
      `${collection}('${deal.id}')`,
      `${collection}(${upper})`,
      `${alias}/${deal.id}`,
      `${alias}('${upper}')//`,
    ];
    for (const [index, path] of paths.entries()) {
      const answer = await contoso.send('PATCH', path, [set('/campaignId', String(index))], representation);
      expect(answeredIn(answer)).toMatchObject({ id: deal.id, campaignId: String(index) });
      const headers = { 'if-match': String(answer.headers.etag) };
      const put = await contoso.send('PUT', path, { campaignId: `${index}!` }, headers);
      expect(answeredIn(put)).toMatchObject({ id: deal.id, campaignId: `${index}!` });
    }
  });

  describe('once Microsoft may read the deal', () => {
    let shared: Answered;
    beforeEach(async () => {
      shared = await contoso.create(coSellDeal);
    });

    it.each<[string, unknown, string]>([
      ['/customerProfile/team', [], 'frozenOnceShared'],
      ['/customerProfile/team/0/email', 'x', 'frozenOnceShared'],
      ['/inviteContext/notes', 'x', 'frozenOnceShared'],
      ['/inviteContext/assistanceRequestCode', 'Unknown', 'frozenOnceShared'],
      ['/consent/consentToShareReferralWithMicrosoftSellers', false, 'neverTakenBack'],
    ])('%s stays as it is', async (pointer, value, rule) => {
      const answer = await contoso.patch(shared.id, [set(pointer, value)]);
      if (answer.status === 400 && answer.text.includes('invalidBody')) {
        // To leave the deal without a contact, or hidden, breaks what whoever asks for help must have.
        expect(faultNames(answer)).toHaveLength(1);
      } else {
        const [refusal] = detailsOf(expectEnvelope(answer, 400, 'changeRefused'));
        expect(refusal).toMatchObject({ code: rule });
      }
      expect(await contoso.read(shared.id)).toEqual(shared);
    });

    it('may be changed in everything else', async () => {
      const { engagementId } = shared;
      await contoso.create(microsoftsRecord(engagementId));
      for (const [pointer, value] of documentedPaths) {
        if (/^\/(consent|customerProfile)/.test(pointer)) continue;
        const answer = await contoso.patch(shared.id, [add(pointer, value)]);
        expect(answer.status, `${pointer} ${answer.text}`).toBe(204);
      }
    });
  });

  it('whoever asks for help later lets Microsoft see the deal in the same patch', async () => {
    const code = set('/inviteContext/assistanceRequestCode', 'QuotesOrLicensing');
    const flag = '/consent/consentToShareReferralWithMicrosoftSellers';
    expect(faultNames(await contoso.patch(deal.id, [code]))).toEqual([`sharingRequired ${flag}`]);
    expect((await contoso.patch(deal.id, [code, set(flag, true)])).status).toBe(204);
    expect(await writingAs(server, users.seller).read(deal.id)).toMatchObject({ id: deal.id });
  });

  it('keeps what a deal must have: a shared one its solutions, and no list more than fifty', async () => {
    const { id } = await contoso.create(coSellDeal);
    const solutionsAt = '/details/requirements/solutions';
    expect(faultNames(await contoso.patch(id, [set(solutionsAt, [])]))).toEqual([`solutionRequired ${solutionsAt}`]);
    const fifty = Array.from({ length: 50 }, () => jane);
    expect((await contoso.patch(id, [set('/team', fifty)])).status).toBe(204);
    expect(faultNames(await contoso.patch(id, [add('/team/-', jane)]))).toEqual(['tooManyItems /team']);
    expect((await contoso.patch(id, [add('/team/-', jane), set('/team', [jane])])).status).toBe(204);
  });

  it('is written by the client that names itself', async () => {
    await contoso.patch(deal.id, [set('/campaignId', 'x')], { 'x-caller-id': 'my-connector' });
    expect(await contoso.read(deal.id)).toMatchObject({ createdVia: deal.createdVia, lastModifiedVia: 'my-connector' });
  });
});

describeOnEachEngine('PATCH with EXTENSIONS=off', (engine) => {
  let server: TestServer;
  let contoso: Writer;
  beforeAll(async () => {
    server = await startTestServer(engine, { EXTENSIONS: 'off' });
    contoso = writingAs(server, users.admin);
  });
  afterAll(() => server.close());

  it.each(extensionPaths)('refuses %s', async (pointer, value) => {
    const deal = await contoso.create(privateDeal);
    expect(faultNames(await contoso.patch(deal.id, [add(pointer, value)]))).toEqual([`readOnlyMember ${pointer}`]);
    expect(await contoso.read(deal.id)).toEqual(deal);
    if (pointer.endsWith('/-')) return;
    const present = at(deal, pointer);
    expect((await contoso.patch(deal.id, [set(pointer, present), set('/campaignId', 'x')])).status).toBe(204);
  });

  it.each(documentedPaths)('takes %s all the same', async (pointer, value) => {
    const { id } = await contoso.create(privateDeal);
    expect((await contoso.patch(id, [add(pointer, value)])).status).toBe(204);
  });
});
