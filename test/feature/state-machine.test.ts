import { type State, transitionBetween } from '@cosell/model';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { collection, expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import {
  deal,
  expectLinear,
  invitation,
  moving,
  type Operator,
  operatorOf,
  type Party,
  partyOf,
  type Shown,
  type ShownChange,
  setting,
  sharedDeal,
  targeting,
  targets,
} from '../support/parties.ts';
import { users } from '../support/sample.ts';
import { startTestServer, type TestServer, type WireAnswer } from '../support/test-server.ts';

/**
 * Random stories: several parties create, invite, change, accept, decline, close, repeat and read while time goes by. A
 * model of a few lines says what each answer must be; after each step the exchange must be where the model is.
 */

const states: readonly State[] = [
  'New/Pending',
  'New/Received',
  'Active/Accepted',
  'Closed/Won',
  'Closed/Lost',
  'Closed/Declined',
  'Closed/Expired',
  'Closed/Error',
];
const people = ['contoso', 'tailspin', 'microsoft'] as const;
type Person = (typeof people)[number];
const profiles: Readonly<Record<Person, string>> = {
  contoso: targets.redmond,
  tailspin: targets.tailspin,
  microsoft: targets.microsoft,
};

/** What the model knows of a record. */
interface Known {
  readonly id: string;
  readonly engagementId: string;
  readonly owner: Person;
  readonly sender: Person | undefined;
  state: State;
  /** When it expires, in milliseconds; undefined when it waits for nothing. */
  dueAt: number | undefined;
  isShared: boolean;
  /** Whether it is known to be one of several. */
  isConnected: boolean;
  changes: number;
}

/** One step of a story. `at` chooses a record among those that are there. */
type Step =
  | { readonly kind: 'create'; readonly who: Person; readonly isShared: boolean }
  | { readonly kind: 'send'; readonly who: Person; readonly to: Person }
  | { readonly kind: 'invite'; readonly who: Person; readonly to: Person; readonly at: number }
  | { readonly kind: 'move'; readonly who: Person; readonly at: number; readonly to: State; readonly byPut: boolean }
  | { readonly kind: 'half'; readonly who: Person; readonly at: number; readonly to: State }
  | {
      readonly kind: 'edit';
      readonly who: Person;
      readonly at: number;
      readonly value: number;
      readonly ifMatch: IfMatch;
    }
  | { readonly kind: 'share'; readonly who: Person; readonly at: number }
  | { readonly kind: 'repeat'; readonly who: Person; readonly at: number; readonly value: number }
  | { readonly kind: 'read'; readonly who: Person; readonly at: number }
  | { readonly kind: 'wait'; readonly days: number };
type IfMatch = 'none' | 'current' | 'stale' | 'any';

const who = fc.constantFrom(...people);
const at = fc.nat(30);
const value = fc.nat(1_000);
const to = fc.constantFrom(...states);
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('create'), who, isShared: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('send'), who, to: who }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('invite'), who, to: who, at }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('move'), who, at, to, byPut: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('half'), who, at, to }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('edit'),
      who,
      at,
      value,
      ifMatch: fc.constantFrom<IfMatch>('none', 'current', 'stale', 'any'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('share'), who, at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('repeat'), who, at, value }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('read'), who, at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait'), days: fc.integer({ min: 1, max: 9 }) }) },
);

const isOpen = (state: State) => !state.startsWith('Closed/');
const day = 86_400_000;

describeOnEachEngine('whatever the parties do', (engine) => {
  let server: TestServer;
  let operator: Operator;
  let parties: Record<Person, Party>;
  let now = Date.parse('2031-01-01T09:00:00Z');
  let repeats = 0;
  /** The ids of every record of every story. */
  const told = new Set<string>();
  beforeAll(async () => {
    server = await startTestServer(engine);
    operator = await operatorOf(server);
    parties = {
      contoso: await partyOf(server, users.admin),
      tailspin: await partyOf(server, users.tailspin),
      microsoft: await partyOf(server, users.seller),
    };
    await operator.clock({ now: new Date(now).toISOString(), freeze: true });
  });
  afterAll(() => server.close());

  /** The exchange and the model of it, side by side, for one story. */
  class Story {
    readonly records: Known[] = [];

    async take(step: Step): Promise<void> {
      if (step.kind === 'wait') return this.#wait(step.days);
      if (step.kind === 'create') return this.#create(step);
      if (step.kind === 'send') return this.#send(step);
      const record = this.records[step.at % Math.max(this.records.length, 1)];
      if (record === undefined) return undefined;
      if (step.kind === 'invite') return this.#invite(step, record);
      if (step.kind === 'read') return this.#read(step, record);
      return this.#write(step, record);
    }

    /** Whether somebody may read a record: it is his, or he is a member of its engagement, or looks on. */
    #isSeen(person: Person, { owner, engagementId, isShared }: Known): boolean {
      const members = this.records.filter((record) => record.engagementId === engagementId);
      const isMember = members.some((record) => record.owner === person || record.sender === person);
      return owner === person || isMember || (person === 'microsoft' && isShared);
    }

    async #wait(days: number): Promise<void> {
      now += days * day;
      await operator.clock({ advance: `P${days}D` });
      for (const record of this.records) {
        if (record.dueAt === undefined || record.dueAt > now) continue;
        Object.assign(record, { state: 'Closed/Expired', dueAt: undefined, changes: record.changes + 1 });
      }
    }

    async #create({ who: person, isShared }: Step & { kind: 'create' }): Promise<void> {
      const { id, engagementId } = await parties[person].create(isShared ? sharedDeal() : deal());
      const own = { id, engagementId, owner: person, sender: undefined, dueAt: undefined };
      this.records.push({ ...own, state: 'Active/Accepted', isShared, isConnected: false, changes: 1 });
    }

    async #send({ who: person, to: receiver }: Step & { kind: 'send' }): Promise<void> {
      const body = deal({ target: targeting(profiles[receiver]) });
      const { consent: _consent, ...unsaid } = body;
      const answer = await parties[person].post({ ...unsaid, consent: {} });
      // A location of one's own is no other party: that makes an ordinary deal.
      this.#expect(answer, 200);
      const sent = answer.json<Shown>();
      const isOwn = person === receiver;
      this.records.push({
        id: sent.id,
        engagementId: sent.engagementId,
        owner: receiver,
        sender: isOwn ? undefined : person,
        state: isOwn ? 'Active/Accepted' : 'New/Pending',
        dueAt: isOwn ? undefined : (Math.floor(now / day) + 14) * day,
        isShared: !isOwn && receiver === 'microsoft',
        isConnected: false,
        changes: 1,
      });
    }

    async #invite({ who: person, to: receiver }: Step & { kind: 'invite' }, { engagementId }: Known): Promise<void> {
      const answer = await parties[person].post(invitation(engagementId, profiles[receiver]));
      const members = this.records.filter((record) => record.engagementId === engagementId);
      const own = members.find((record) => record.owner === person && isOpen(record.state));
      const isTaken = members.some((record) => record.owner === receiver && isOpen(record.state));
      if (own === undefined || isTaken || person === receiver) return this.#expect(answer, 400);
      this.#expect(answer, 200);
      const { id } = answer.json<Shown>();
      // Connecting a party makes the own record Shared, and visible to Microsoft where that is the party.
      if (!own.isConnected || (receiver === 'microsoft' && !own.isShared)) own.changes += 1;
      own.isConnected = true;
      own.isShared ||= receiver === 'microsoft';
      this.records.push({
        id,
        engagementId,
        owner: receiver,
        sender: undefined,
        state: 'New/Pending',
        dueAt: (Math.floor(now / day) + 14) * day,
        isShared: receiver === 'microsoft',
        isConnected: true,
        changes: 1,
      });
    }

    async #read({ who: person }: Step & { kind: 'read' }, record: Known): Promise<void> {
      const party = parties[person];
      const isSeen = this.#isSeen(person, record);
      for (const suffix of ['', '/history', '?asOf=2999-01-01']) {
        this.#expect(await party.get(record.id + suffix), isSeen ? 200 : 404);
      }
      const listed = await party.ids(`$filter=engagementId eq ${record.engagementId}`);
      expect(listed.includes(record.id)).toBe(isSeen);
      const fresh = await party.ids("$top=1000&$filter=status eq 'New'");
      expect(fresh.includes(record.id)).toBe(record.owner === person && record.state.startsWith('New/'));
      if (isSeen) {
        const { status, substatus } = await party.read(record.id);
        expect(`${status}/${substatus}`).toBe(record.state);
        expectLinear(await party.history(record.id), await party.read(record.id));
      }
    }

    async #write(
      step: Extract<Step, { kind: 'move' | 'half' | 'edit' | 'share' | 'repeat' }>,
      record: Known,
    ): Promise<void> {
      const party = parties[step.who];
      if (step.who !== record.owner) {
        const answer = await party.patch(record.id, moving('Closed/Won'));
        return this.#expect(answer, this.#isSeen(step.who, record) ? 403 : 404);
      }
      const before = await party.read(record.id);
      const isFinal = !isOpen(record.state);
      switch (step.kind) {
        case 'move':
          return this.#move(step, record, before);
        case 'half': {
          const [status] = step.to.split('/');
          const isSame = status === before.status;
          const answer = await party.patch(record.id, setting({ '/status': status }));
          return this.#expect(answer, isSame ? 204 : 400);
        }
        case 'edit': {
          const ifMatch = { none: undefined, current: before.eTag, stale: '"stale"', any: '*' }[step.ifMatch];
          const headers = ifMatch === undefined ? {} : { 'if-match': ifMatch };
          const members = { '/details/dealValue': step.value, '/name': `Deal ${step.value}` };
          const isSame = before.name === `Deal ${step.value}`;
          const answer = await party.patch(record.id, setting(members), headers);
          if (step.ifMatch === 'stale') return this.#expect(answer, 412);
          if (isFinal && !isSame) return this.#expect(answer, 400);
          if (!isSame) record.changes += 1;
          return this.#expect(answer, 204);
        }
        case 'share': {
          const isNew = !record.isShared && !isFinal;
          const flag = setting({ '/consent/consentToShareReferralWithMicrosoftSellers': true });
          this.#expect(await party.patch(record.id, flag), isFinal && !record.isShared ? 400 : 204);
          if (isNew) Object.assign(record, { isShared: true, changes: record.changes + 1 });
          return undefined;
        }
        case 'repeat': {
          repeats += 1;
          const headers = {
            'repeatability-request-id': `00000000-0000-4000-8000-${String(repeats).padStart(12, '0')}`,
            'repeatability-first-sent': new Date().toUTCString(),
          };
          const notes = `Note ${step.value} of request ${repeats}`;
          const send = () => party.patch(record.id, setting({ '/details/notes': notes }), headers);
          const [one, other] = [await send(), await send()];
          if (isFinal) for (const answer of [one, other]) this.#expect(answer, 400);
          else {
            expect([one.status, other.status, one.headers.etag]).toEqual([204, 204, other.headers.etag]);
            record.changes += 1;
          }
        }
      }
    }

    async #move({ who: person, to: wanted, byPut }: Step & { kind: 'move' }, record: Known, before: Shown) {
      const [status, substatus] = wanted.split('/');
      const answer = byPut
        ? await parties[person].ask(
            'PUT',
            `${collection}/${record.id}`,
            { ...before, status, substatus },
            { 'if-match': before.eTag },
          )
        : await parties[person].patch(record.id, moving(wanted));
      const isWay = transitionBetween(record.state, wanted) !== undefined;
      const isSame = record.state === wanted;
      this.#expect(answer, isWay || isSame ? (byPut ? 200 : 204) : 400);
      if (isSame) expect(answer.headers.etag).toBe(before.eTag);
      if (!isWay) return;
      record.state = wanted;
      record.changes += 1;
      if (!wanted.startsWith('New/')) record.dueAt = undefined;
    }

    #expect(answer: WireAnswer, status: number): void {
      expect(answer.status, answer.text).toBe(status);
      if (status >= 400) expectEnvelope(answer, status);
    }

    /** Where the model is, the exchange must be. */
    async check(): Promise<void> {
      for (const { id, owner, state, changes } of this.records) {
        told.add(id);
        const referral = await parties[owner].read(id);
        expect(`${referral.status}/${referral.substatus}`).toBe(state);
        expect(states).toContain(state);
        expect(referral.closedDateTime === null).toBe(isOpen(state));
        const log = await parties[owner].history(id);
        expectLinear(log, referral);
        expect(log).toHaveLength(changes);
        this.#checkStates(log.map(({ after }) => `${after?.status}/${after?.substatus}` as State));
      }
      for (const engagementId of new Set(this.records.map((record) => record.engagementId))) {
        const open = this.records.filter((record) => record.engagementId === engagementId && isOpen(record.state));
        expect(new Set(open.map(({ owner }) => owner)).size).toBe(open.length);
      }
    }

    #checkStates(log: readonly State[]): void {
      for (const [index, state] of log.entries()) {
        const former = log[index - 1];
        if (former === undefined || former === state) continue;
        expect(isOpen(former)).toBe(true);
        expect(transitionBetween(former, state)).toBeDefined();
      }
    }
  }

  it('no story leads out of the table, breaks a log, or is answered otherwise than documented', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 12, maxLength: 30, size: 'max' }), async (story) => {
        const exchange = new Story();
        for (const step of story) await exchange.take(step);
        await exchange.check();
      }),
      { numRuns: 14, endOnFailure: true, interruptAfterTimeLimit: 25_000 },
    );
    expect(server.observations.filter(({ kind }) => kind === 'requestBroken')).toEqual([]);
  }, 60_000);

  it.each(people)('leaves no gap in the sequence of %s, and no number twice', async (person) => {
    const sequences: number[] = [];
    for (const id of told) {
      const answer = await parties[person].get(`${id}/history`);
      if (answer.status !== 200) continue;
      sequences.push(...answer.json<{ value: ShownChange[] }>().value.map(({ sequence }) => sequence));
    }
    const first = Math.min(...sequences);
    expect(sequences.length).toBeGreaterThan(10);
    expect(sequences.toSorted((one, other) => one - other)).toEqual(sequences.map((_, index) => first + index));
  });
});
