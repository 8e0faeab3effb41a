import { createOperations, type DirectoryChange } from '@cosell/server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { deal, invitation, operatorOf, type Party, partyOf, targeting, targets } from '../support/parties.ts';
import { organizations, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const [redmond, london, paris] = ['5512345', '5598765', '5500001'];

/** Rules as somebody would write them down: solution, country, location. A star stands for all. */
type Rule = readonly [solution: string, country: string, mpnId: string | undefined];

describeOnEachEngine('a referral from Microsoft', (engine) => {
  let server: TestServer;
  let seller: Party;
  let contoso: Party;
  beforeAll(async () => {
    server = await startTestServer(engine);
    [seller, contoso] = await Promise.all([partyOf(server, users.seller), partyOf(server, users.admin)]);
    await change({ kind: 'addLocation', organization: organizations.contoso, mpnId: paris ?? '', name: 'Paris' });
  });
  afterAll(() => server.close());
  afterEach(async () => {
    const { routingRules } = await server.exchange.store.listDirectory();
    for (const { organizationId, solutionId, country } of routingRules) {
      await change({
        kind: 'removeRoutingRule',
        ...keyOf([solutionId ?? '*', country ?? '*']),
        organization: organizationId,
      });
    }
  });

  const change = (input: DirectoryChange) =>
    createOperations(server.exchange.store, server.exchange.issuer, () => server.origin).changeDirectory(input);
  const keyOf = ([solutionId, country]: readonly [string, string, ...unknown[]]) => ({
    organization: organizations.contoso,
    ...(solutionId === '*' ? {} : { solutionId }),
    ...(country === '*' ? {} : { country }),
  });
  const addRules = async (rules: readonly Rule[]) => {
    for (const rule of rules) await change({ kind: 'addRoutingRule', mpnId: rule[2] ?? '', ...keyOf(rule) });
  };

  /** The location that a referral for a customer in a country and with these solutions reaches. */
  async function routed(country: string, ...solutionIds: string[]): Promise<unknown> {
    const details = { requirements: { solutions: solutionIds.map((id) => ({ id, name: id, type: 'Name' })) } };
    const customerProfile = { name: 'Fabrikam', address: { country } };
    const { id } = await seller.create(
      deal({ target: targeting(targets.redmond), name: 'Qualified lead', customerProfile, details }),
    );
    return (await contoso.read(id)).mpnId;
  }

  it('reaches the location that was targeted, where no rule speaks', async () => {
    expect(await routed('GB', 'SOL-1-AAA')).toBe(redmond);
    await addRules([['SOL-2-BBB', 'GB', paris]]);
    expect(await routed('GB', 'SOL-1-AAA')).toBe(redmond);
    expect(await routed('US', 'SOL-2-BBB')).toBe(redmond);
    expect(await routed('GB')).toBe(redmond);
  });

  describe('reaches the location of the most exact rule:', () => {
    const exact: Rule = ['SOL-1-AAA', 'GB', london];
    const solution: Rule = ['SOL-1-AAA', '*', paris];
    const market: Rule = ['*', 'GB', redmond];
    const rest: Rule = ['*', '*', paris];

    it('solution and market, the solution in all markets, all solutions in the market, the default', async () => {
      await addRules([rest]);
      expect(await routed('GB', 'SOL-1-AAA')).toBe(paris);
      await addRules([market]);
      expect(await routed('GB', 'SOL-1-AAA')).toBe(redmond);
      expect(await routed('FR', 'SOL-1-AAA')).toBe(paris);
      await addRules([solution]);
      expect(await routed('GB', 'SOL-1-AAA')).toBe(paris);
      await addRules([exact]);
      expect(await routed('GB', 'SOL-1-AAA')).toBe(london);
      expect(await routed('gb', 'SOL-1-AAA')).toBe(london);
      expect(await routed('FR', 'SOL-1-AAA')).toBe(paris);
      expect(await routed('GB', 'SOL-9-ZZZ')).toBe(redmond);
      expect(await routed('GB')).toBe(redmond);
    });

    it('whatever the order in which they were made', async () => {
      await addRules([exact, solution, market, rest]);
      expect(await routed('GB', 'SOL-1-AAA')).toBe(london);
      expect(await routed('FR', 'SOL-9-ZZZ')).toBe(paris);
    });

    it('and of several solutions the first that has one', async () => {
      await addRules([
        ['SOL-1-AAA', '*', paris],
        ['SOL-2-BBB', 'GB', london],
      ]);
      expect(await routed('GB', 'SOL-9-ZZZ', 'SOL-1-AAA', 'SOL-2-BBB')).toBe(london);
      expect(await routed('FR', 'SOL-9-ZZZ', 'SOL-1-AAA', 'SOL-2-BBB')).toBe(paris);
    });
  });

  it('is seen by the people of the location that it reached', async () => {
    await addRules([['*', 'GB', london]]);
    const people = await partyOf(server, users.london);
    const body = (country: string) =>
      deal({ target: targeting(targets.redmond), customerProfile: { name: 'Fabrikam', address: { country } } });
    const [british, american] = [await seller.create(body('GB')), await seller.create(body('US'))];
    expect((await people.read(british.id)).mpnId).toBe(london);
    expectEnvelope(await people.get(american.id), 403, 'locationOutOfReach');
  });

  it('follows the rule that was made last for the same solution and market', async () => {
    await addRules([['SOL-1-AAA', 'GB', london]]);
    const { done } = await change({
      kind: 'addRoutingRule',
      organization: 'contoso company',
      solutionId: 'SOL-1-AAA',
      country: 'gb',
      mpnId: paris ?? '',
    });
    expect(done).toBe(
      `Referrals of Microsoft to Contoso Company for SOL-1-AAA in GB go to location ${paris}, no longer to ${london}.`,
    );
    expect(await routed('GB', 'SOL-1-AAA')).toBe(paris);
    expect((await server.exchange.store.listDirectory()).routingRules).toEqual([
      { organizationId: organizations.contoso, solutionId: 'SOL-1-AAA', country: 'GB', mpnId: paris },
    ]);
  });

  it('stays where it is when rules change later', async () => {
    await addRules([['*', '*', london]]);
    const { id } = await seller.create(deal({ target: targeting(targets.redmond) }));
    await addRules([['*', '*', paris]]);
    expect((await contoso.read(id)).mpnId).toBe(london);
    await change({ kind: 'removeRoutingRule', organization: organizations.contoso });
    expect((await contoso.read(id)).mpnId).toBe(london);
    expect(await routed('GB')).toBe(redmond);
  });

  it('is routed alike whether Microsoft sends it alone, into an engagement, or the sandbox does so in its place', async () => {
    await addRules([['*', '*', paris]]);
    const own = await seller.create(deal({ type: 'Shared' }));
    const invited = await seller.create(invitation(own.engagementId, targets.redmond));
    const operator = await operatorOf(server);
    const sent = await operator.act({ as: 'msft', act: 'send', body: deal({ target: targeting(targets.london) }) });
    for (const { id } of [invited, sent]) expect((await contoso.read(id)).mpnId).toBe(paris);
  });

  it('alone is routed: a partner’s reaches the location that it names, and one’s own stays', async () => {
    await addRules([['*', '*', paris]]);
    const tailspin = await partyOf(server, users.tailspin);
    const sent = await tailspin.create(deal({ target: targeting(targets.london) }));
    expect((await contoso.read(sent.id)).mpnId).toBe(london);
    expect((await contoso.create(deal({ mpnId: redmond }))).mpnId).toBe(redmond);
  });

  it('of one organisation is not routed by the rules of another', async () => {
    await change({ kind: 'addRoutingRule', organization: organizations.tailspin, mpnId: '7700001' });
    expect(await routed('GB')).toBe(redmond);
  });
});
