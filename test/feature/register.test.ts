import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { collection, expectEnvelope } from '../support/answers.ts';
import { coSellDeal, microsoftsRecord, patches } from '../support/documented-requests.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import {
  type Answered,
  answeredIn,
  askSandbox,
  detailsOf,
  faultNames,
  type Writer,
  writingAs,
} from '../support/writing.ts';

const representation = { prefer: 'return=representation' };
const set = (path: string, value: unknown) => ({ op: 'replace', path, value });

describeOnEachEngine('registering a deal', (engine) => {
  let server: TestServer;
  let contoso: Writer;
  beforeAll(async () => {
    server = await startTestServer(engine, { SANDBOX: 'true' });
    contoso = writingAs(server, users.admin);
  });
  afterAll(() => server.close());

  /** The documented co-sell deal, accepted by Microsoft, won, and three days older than its registration. */
  let won: Answered;
  beforeEach(async () => {
    expect((await askSandbox(server, '/reset', { now: '2025-02-20T09:00:00Z' })).status).toBe(200);
    const deal = await contoso.create(coSellDeal);
    const second = await contoso.create(microsoftsRecord(deal.engagementId));
    expect((await writingAs(server, users.seller).patch(second.id, patches.accept)).status).toBe(204);
    expect((await askSandbox(server, '/clock', { now: '2025-03-05T00:00:00Z' })).status).toBe(200);
    won = answeredIn(await contoso.patch(deal.id, patches.won, representation));
    expect(won).toMatchObject({ registrationStatus: 'None', registrations: [], closedDateTime: won.updatedDateTime });
    expect(won.closedDateTime).toMatch(/^2025-03-05T00:00:/);
  });

  it('takes the documented example as it stands', async () => {
    const answer = await contoso.patch(won.id, patches.register, representation);
    const registered = answeredIn(answer);
    const [{ value: sent }] = JSON.parse(patches.register);
    expect(registered.registrations).toMatchObject([
      {
        type: 'AzureIPCoSell',
        id: expect.stringMatching(/./),
        status: registered.registrationStatus,
        registrationDateTime: registered.updatedDateTime,
        contract: sent.contract,
        solutionDetails: [{ ...sent.solutionDetails[0], name: 'Contoso Supply' }],
      },
    ]);
    expect(registered.registrationStatus).toBe('Approved');
    expect(answer.headers['cosell-extension']).toBeUndefined();
    expect(registered).toMatchObject({ status: 'Closed', substatus: 'Won', closedDateTime: won.closedDateTime });
    expect((await contoso.send('GET', `${collection}/${won.id}`)).text).toBe(answer.text);
  });

  it('is by the path of the connector the same, with slashes behind the id', async () => {
    const answer = await contoso.send('PATCH', `${collection}/${won.id}/`, patches.register);
    expect([answer.status, answer.text]).toEqual([204, '']);
    const again = await contoso.send('PATCH', `${collection}/${won.id}//`, patches.register);
    expect(faultNames(again)).toEqual(['onlyOneRegistration /registrations/1']);
  });

  it('is for deals that are won', async () => {
    const open = await contoso.create(coSellDeal);
    const refused = expectEnvelope(await contoso.patch(open.id, patches.register), 400, 'changeRefused');
    expect(detailsOf(refused)).toMatchObject([{ code: 'registrationNeedsWon', target: '/registrations' }]);
    const both = [...JSON.parse(patches.won), ...JSON.parse(patches.register)];
    expectEnvelope(await contoso.patch(open.id, both), 400, 'changeRefused');
    expect(await contoso.read(open.id)).toEqual(open);
  });

  it('cannot write what only Microsoft decides', async () => {
    const [operation] = JSON.parse(patches.register);
    const value = { ...operation.value, id: 'REG-1', status: 'Passed', statusHistory: {}, registrationDateTime: 'x' };
    const registered = answeredIn(await contoso.patch(won.id, [{ ...operation, value }], representation));
    expect(registered.registrations).toMatchObject([{ status: 'Approved' }]);
    expect((registered.registrations as { id: string }[])[0]?.id).not.toBe('REG-1');
    for (const path of ['/registrations/0/status', '/registrations/0/id', '/registrationStatus']) {
      expect(faultNames(await contoso.patch(won.id, [set(path, 'Passed')]))).toEqual([`readOnlyMember ${path}`]);
    }
  });

  it('names every rule that is broken, with its pointer', async () => {
    const [operation] = JSON.parse(patches.register);
    const { solutionDetails, contract } = operation.value;
    const value = {
      ...operation.value,
      solutionDetails: [{ ...solutionDetails[0], value: 60_000, isDeployedOnAzure: false }],
      contract: { ...contract, endDateTime: '2025-02-01T00:00:00Z', signDateTime: '2025-03-06T00:00:00Z' },
    };
    const faults = faultNames(await contoso.patch(won.id, [{ ...operation, value }]));
    for (const code of ['solutionValueTooHigh', 'notDeployedOnAzure', 'endsBeforeStart', 'signedInFuture']) {
      expect(faults.some((fault) => fault.startsWith(`${code} /registrations/`))).toBe(true);
    }
    expect(await contoso.read(won.id)).toEqual(won);
  });

  it('has its values changed by the documented paths when Microsoft asks for it', async () => {
    await contoso.patch(won.id, patches.register);
    const review = { as: 'msft', act: 'reviewRegistration', referral: won.id };
    expect((await askSandbox(server, '/acts', { ...review, decision: 'review' })).status).toBe(200);
    expect((await askSandbox(server, '/acts', { ...review, decision: 'requestAction', reason: 'Value?' })).status).toBe(
      200,
    );
    expect(await contoso.read(won.id)).toMatchObject({ registrationStatus: 'ActionRequired' });
    const first = '/registrations/0';
    const operations = [
      set(`${first}/contract/value`, '52000'),
      set(`${first}/contract/startDateTime`, '2025-03-02T00:00:00Z'),
      set(`${first}/contract/endDateTime`, '2026-04-01T00:00:00Z'),
      set(`${first}/contract/signDateTime`, '2025-02-27T00:00:00Z'),
      set(`${first}/contract/term`, 'finite'),
      { op: 'add', path: `${first}/solutionDetails/0/value`, value: 46000 },
      set(`${first}/solutionDetails/0/currency`, 'USD'),
      set(`${first}/solutionDetails/0/isDeployedOnAzure`, 'true'),
      set(`${first}/solutionDetails/0/primaryDeploymentOn`, 'Partner'),
      set(`${first}/solutionDetails/0/pricingModel`, 'Other'),
      set(`${first}/solutionDetails/0/marketplaceTransactionDetails/isMarketplaceTransacted`, true),
      set(`${first}/solutionDetails/0/marketplaceTransactionDetails/marketplaceTransactionDateTime`, '2025-03-01'),
    ];
    const changed = answeredIn(await contoso.patch(won.id, operations, representation));
    expect(changed.registrations).toMatchObject([
      {
        contract: {
          value: 52000,
          startDateTime: '2025-03-02T00:00:00Z',
          endDateTime: '2026-04-01T00:00:00Z',
          term: 'Finite',
        },
        solutionDetails: [
          {
            value: 46000,
            isDeployedOnAzure: true,
            primaryDeploymentOn: 'Partner',
            marketplaceTransactionDetails: {
              isMarketplaceTransacted: true,
              marketplaceTransactionDateTime: '2025-03-01T00:00:00Z',
            },
          },
        ],
      },
    ]);
    expect(changed.registrationStatus).toBe('ReviewPending');
  });

  it('leaves the rest of a won deal as it is', async () => {
    const both = [...JSON.parse(patches.register), set('/details/notes', 'x')];
    const refused = expectEnvelope(await contoso.patch(won.id, both), 400, 'terminalReferral');
    expect(detailsOf(refused)).toMatchObject([{ code: 'terminalReferral', target: '/details/notes' }]);
    expect(await contoso.read(won.id)).toEqual(won);
  });

  describe('an exception', () => {
    it('is asked for once, as an extension', async () => {
      const ask = [{ op: 'add', path: '/exception', value: { justification: 'The customer signed late.' } }];
      const answer = await contoso.patch(won.id, ask, representation);
      expect(answer.headers['cosell-extension']).toBe('patch-path');
      expect(JSON.stringify(answeredIn(answer).exception)).toContain('The customer signed late.');
      const again = [{ op: 'replace', path: '/exception', value: { justification: 'Please.' } }];
      expect((await contoso.patch(won.id, again)).status).toBe(400);
    });
  });
});
