import { importReferrals } from '@cosell/server/domain/import-referrals';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { collection, comparable } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import {
  invitation,
  type Operator,
  operatorOf,
  type Party,
  partyOf,
  type Shown,
  setting,
  sharedDeal,
  targets,
} from '../support/parties.ts';
import { organizations, unknownIds, users } from '../support/sample.ts';
import { startTestServer, type TestServer, type WireAnswer } from '../support/test-server.ts';

/**
 * The same story in two exchanges, of which one has more in it than the asking user may see. Every answer that he gets
 * must be the same, byte by byte, but for the ids and eTags that are drawn by chance: the hidden part cannot be told
 * from any answer.
 */

/** Names what is drawn by chance by the order in which it appears. */
class Mask {
  readonly #names = new Map<string, string>();

  of(answer: WireAnswer): unknown {
    const { status, headers, text } = comparable(answer);
    const cover = (part: string) =>
      part
        .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'ORIGIN')
        .replaceAll(/(skip|delta)token=[\w.~-]+/g, '$1token=TOKEN')
        .replaceAll(/"?[0-9a-f]{8}-0000-0700-0000-[0-9a-f]{12}/g, (tag) => this.#name('eTag', tag.replace('"', '')))
        .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => this.#name('id', id));
    return { status, headers: headers.map(cover), text: cover(text) };
  }

  #name(kind: string, value: string): string {
    const known = this.#names.get(value) ?? `${kind} ${this.#names.size}`;
    this.#names.set(value, known);
    return known;
  }
}

/** One of the two exchanges. */
interface World {
  readonly server: TestServer;
  readonly operator: Operator;
  readonly contoso: Party;
  readonly tailspin: Party;
  readonly seller: Party;
  readonly member: Party;
  own: Shown;
  hidden: string;
  /** Delta links from before anything was hidden, by user. */
  readonly links: Readonly<Record<'seller' | 'member', readonly string[]>>;
}

describeOnEachEngine('a record that a user may not see', (engine) => {
  const worlds: World[] = [];
  beforeAll(async () => {
    for (const hasHidden of [true, false]) worlds.push(await tell(hasHidden));
  });
  afterAll(() => Promise.all(worlds.map(({ server }) => server.close())));

  /** A partner-led deal in which, in one of the worlds, a third organisation has a record without the share flag. */
  async function tell(hasHidden: boolean): Promise<World> {
    const server = await startTestServer(engine);
    const operator = await operatorOf(server);
    const [contoso, tailspin, seller, member] = await Promise.all(
      [users.admin, users.tailspin, users.seller, users.member].map((user) => partyOf(server, user)),
    );
    if (!contoso || !tailspin || !seller || !member) throw new Error('somebody is missing');
    const step = () => operator.clock({ advance: 'PT1M' });
    await operator.clock({ now: '2031-05-05T10:00:00Z', freeze: true });
    const own = await contoso.create(sharedDeal({ type: 'Shared', name: 'Seen by Microsoft' }));
    await step();
    const links = { seller: await linksOf(seller, own), member: await linksOf(member, own) };
    let hidden = unknownIds[0] ?? '';
    if (hasHidden) {
      hidden = (await contoso.create(invitation(own.engagementId, targets.tailspin, { name: 'Hidden half' }))).id;
      await tailspin.move(hidden, 'Active/Accepted');
      await tailspin.change(hidden, { '/name': 'Hidden still', '/team/0/email': 'tim@tailspintoys.com' });
      await server.exchange.store.transact(importReferrals, { texts: [marketplaceLead(own.engagementId)] });
    }
    await step();
    await contoso.change(own.id, { '/name': 'Seen by Microsoft, changed', '/salesStage': '40' });
    await step();
    if (hasHidden) await tailspin.move(hidden, 'Closed/Declined', 'Hidden reason');
    await step();
    await contoso.create(sharedDeal({ name: 'Another one' }));
    await step();
    return { server, operator, contoso, tailspin, seller, member, own, hidden, links };
  }

  /** Links to what changes in all that somebody sees, in the engagement, and in what is of the hidden half's kind. */
  async function linksOf(party: Party, { engagementId }: Shown): Promise<string[]> {
    const engagement = `$filter=engagementId eq ${engagementId}`;
    const links: string[] = [];
    for (const query of ['', engagement, `${engagement} and status ne 'New'`, "$filter=contains(name,'Hidden')"]) {
      const answer = await party.list(`$deltatoken=latest&${query}`);
      links.push(new URL(answer.json<{ '@odata.deltaLink': string }>()['@odata.deltaLink']).search);
    }
    return links;
  }

  function marketplaceLead(engagementId: string): string {
    return JSON.stringify({
      id: '6b5a4938-0000-4000-8000-000000000001',
      engagementId,
      organizationId: organizations.tailspin,
      createdDateTime: '2031-01-01T00:00:00Z',
      updatedDateTime: '2031-01-01T00:00:00Z',
      status: 'New',
      substatus: 'Pending',
      type: 'Independent',
      qualification: 'Direct',
      referralSource: 'AppSource',
    });
  }

  /** Everything that one can ask about the deal, its engagement, and the record that may be there. */
  async function question(party: Party, { own, hidden }: World, links: readonly string[]): Promise<unknown[]> {
    const mask = new Mask();
    const answers: unknown[] = [];
    const ask = async (method: string, path: string, body?: unknown, headers = {}) =>
      void answers.push(mask.of(await party.ask(method, `${collection}${path}`.replaceAll(' ', '%20'), body, headers)));
    const prefer = { prefer: 'include-annotations="cosell.*"' };
    for (const id of [own.id, hidden]) {
      for (const suffix of ['', '/history', '?asOf=2031-05-05T10:01:30Z', '?asOf=2031-05-05T10:02:30Z', '?asOf=x']) {
        await ask('GET', `/${id}${suffix}`);
      }
      await ask('HEAD', `/${id}`);
      await ask('GET', `/${id}`, undefined, prefer);
      await ask('GET', `/${id}`, undefined, { 'if-none-match': '"x"' });
      await ask('PATCH', `/${id}`, setting({ '/details/notes': 'x' }));
      await ask('PUT', `/${id}`, {}, { 'if-match': '*' });
    }
    const engagement = `$filter=engagementId eq ${own.engagementId}`;
    for (const query of [
      '',
      '$orderby=updatedDateTime desc',
      '$orderby=name',
      '$top=1',
      '$top=0',
      '$skip=1&$count=true',
      engagement,
      `${engagement}&$orderby=updatedDateTime`,
      `${engagement}&$orderby=status,name desc`,
      `${engagement}&$top=1`,
      `${engagement}&$skip=1`,
      `${engagement} and organizationName eq 'Tailspin Toys'`,
      `${engagement} and organizationId eq '${organizations.tailspin}'`,
      `${engagement} and status eq 'Closed'`,
      `${engagement} and statusReason eq 'Hidden reason'`,
      `${engagement} and startswith(name,'Hidden')`,
      `${engagement} and team/any(t:t/email eq 'tim@tailspintoys.com')`,
      `${engagement} and type eq 'Shared'`,
      `$filter=organizationName eq 'Tailspin Toys'`,
      `$filter=startswith(name,'Hidden')`,
      '$apply=groupby((organizationName,status),aggregate($count as n,details/dealValue with sum as total))',
      '$apply=groupby((name))&$top=1',
      ...[
        'groupby((organizationId,name,status,statusReason))',
        'aggregate($count as n,name with max as last,name with min as first,updatedDateTime with max as latest)',
        'aggregate(details/dealValue with sum as total,organizationId with countdistinct as members)',
        'aggregate(team/$count with sum as people,salesStage with max as stage)',
        'search(hidden)/aggregate($count as n)',
        'search(NOT hidden)/groupby((organizationId),aggregate($count as n))',
      ].map((results) => `$apply=filter(engagementId eq ${own.engagementId})/${results}`),
      '$search=hidden',
      '$search=tim tailspintoys',
      '$search=NOT microsoft',
      `${engagement}&$search=hidden`,
      `${engagement}&$search="hidden reason" OR still`,
      `${engagement}&$search=NOT hidden`,
      `${engagement}&$search=NOT nothing&$top=1`,
      `${engagement}&$search=${hidden}`,
    ]) {
      await ask('GET', `?${query}`);
    }
    for (const link of links) {
      await ask('GET', link);
      await ask('GET', link, undefined, { prefer: 'maxpagesize=1, track-changes' });
    }
    await ask('GET', '', undefined, { prefer: 'maxpagesize=1, track-changes' });
    await ask('GET', `?${engagement}`, undefined, { prefer: 'track-changes' });
    for (const target of [targets.microsoft, targets.redmond]) {
      await ask('POST', '', invitation(own.engagementId, target));
    }
    return answers;
  }

  it.each([
    ['who looks on', 'seller'],
    ['whose role does not reach the own record', 'member'],
  ] as const)('cannot be told from any answer by the user %s', async (_who, name) => {
    const [one, other] = worlds as [World, World];
    const [with_, without] = [
      await question(one[name], one, one.links[name]),
      await question(other[name], other, other.links[name]),
    ];
    for (const [at, answer] of with_.entries()) expect(answer).toEqual(without[at]);
    // Something has changed for both that they may hear of, or for neither.
    expect(JSON.stringify(with_).includes('Seen by Microsoft, changed')).toBe(name === 'seller');
    expect(JSON.stringify(with_)).not.toMatch(/Tailspin|Hidden|tim@/);
    // So that the worlds are not alike because nothing is in them.
    const seen = await one.contoso.ids(`$filter=engagementId eq ${one.own.engagementId}`);
    expect([
      seen.length,
      (await other.contoso.ids(`$filter=engagementId eq ${other.own.engagementId}`)).length,
    ]).toEqual([2, 1]);
    expect(seen).toContain(one.hidden);
  });

  it('is in no body that Microsoft gets when it reads everything that it can reach', async () => {
    const [{ seller, own, hidden }] = worlds as [World, World];
    const everything = await Promise.all([
      seller.list('$top=1000'),
      seller.list(`$filter=engagementId eq ${own.engagementId}`),
      seller.ask('GET', `${collection}/${own.id}/history`),
      ...(await seller.ids('$top=1000')).map((id) => seller.ask('GET', `${collection}/${id}/history`)),
    ]);
    for (const { status, text } of everything) {
      expect(status).toBe(200);
      expect(text).not.toContain(hidden);
      expect(text).not.toMatch(/Hidden|tim@/);
    }
  });
});
