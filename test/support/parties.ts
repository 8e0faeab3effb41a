import { createOperations } from '@cosell/server';
import { expect } from 'vitest';
import { collection } from './answers.ts';
import type { Engine, Place } from './engines.ts';
import type { TestServer, WireAnswer } from './test-server.ts';

/** A referral as an answer has it. */
export interface Shown {
  readonly id: string;
  readonly engagementId: string;
  readonly organizationId: string;
  readonly eTag: string;
  readonly status: string;
  readonly substatus: string;
  readonly name: string | null;
  readonly [member: string]: unknown;
}

/** One operation of a PATCH, or what stands for one where it is to be refused. */
export type Operation = Readonly<Record<string, unknown>>;

/** A change as a history has it. */
export interface ShownChange {
  readonly sequence: number;
  readonly occurredDateTime: string;
  readonly kind: string;
  readonly by: { readonly kind: string; readonly organizationId: string | null; readonly user: string | null };
  readonly via: string | null;
  readonly eTag: string;
  readonly before: Shown | null;
  readonly after: Shown | null;
}

type Headers = Readonly<Record<string, string>>;

/** Somebody of the sample exchange who talks to a server, with one token for all he asks. */
export interface Party {
  ask(method: string, path: string, body?: unknown, headers?: Headers): Promise<WireAnswer>;
  get(id: string, headers?: Headers): Promise<WireAnswer>;
  post(body: unknown, headers?: Headers): Promise<WireAnswer>;
  patch(id: string, operations: readonly Operation[], headers?: Headers): Promise<WireAnswer>;
  list(query: string): Promise<WireAnswer>;
  /** A referral that he must be able to read. */
  read(id: string): Promise<Shown>;
  /** Creates a referral, which must succeed. */
  create(body: unknown): Promise<Shown>;
  /** Changes a referral, which must succeed. */
  change(id: string, members: Readonly<Record<string, unknown>>): Promise<void>;
  /** Moves a referral to a state such as `Active/Accepted`, which must succeed. */
  move(id: string, state: string, reason?: string): Promise<void>;
  history(id: string): Promise<ShownChange[]>;
  /** The ids that a list has. */
  ids(query: string): Promise<string[]>;
}

/** Talks to a server as a user of the sample. */
export async function partyOf(server: TestServer, user: string): Promise<Party> {
  return talk(server, await server.tokenOf(user));
}

/** Talks to a server with a token. */
export function talk(server: Pick<TestServer, 'ask'>, token: string): Party {
  const ask: Party['ask'] = (method, path, body, headers = {}) =>
    server.ask(path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  const succeed = (answer: WireAnswer, status: number) => {
    expect(answer.status, answer.text).toBe(status);
    return answer;
  };
  const list = (query: string) => ask('GET', `${collection}?${query.replaceAll(' ', '%20')}`);
  const patch: Party['patch'] = (id, operations, headers) => ask('PATCH', `${collection}/${id}`, operations, headers);
  return {
    ask,
    patch,
    list,
    get: (id, headers) => ask('GET', `${collection}/${id}`, undefined, headers),
    post: (body, headers) => ask('POST', collection, body, headers),
    read: async (id) => succeed(await ask('GET', `${collection}/${id}`), 200).json<Shown>(),
    create: async (body) => succeed(await ask('POST', collection, body), 200).json<Shown>(),
    change: async (id, members) => void succeed(await patch(id, setting(members)), 204),
    move: async (id, state, reason) => void succeed(await patch(id, moving(state, reason)), 204),
    history: async (id) =>
      succeed(await ask('GET', `${collection}/${id}/history`), 200).json<{ value: ShownChange[] }>().value,
    ids: async (query) =>
      succeed(await list(query), 200)
        .json<{ value: Shown[] }>()
        .value.map(({ id }) => id),
  };
}

/** The operations that set members by their pointers. */
export function setting(members: Readonly<Record<string, unknown>>): Operation[] {
  return Object.entries(members).map(([path, value]) => ({ op: 'replace', path, value }));
}

/** The operations that move a referral to a state such as `Closed/Won`. */
export function moving(state: string, reason?: string): Operation[] {
  const [status, substatus] = state.split('/');
  return setting({
    '/status': status,
    '/substatus': substatus,
    ...(reason === undefined ? {} : { '/statusReason': reason }),
  });
}

/** The operator of a sandbox. */
export interface Operator {
  ask(method: string, path: string, body?: unknown): Promise<WireAnswer>;
  /** Sets the clock, which must succeed, and gives what it says then. */
  clock(order: unknown): Promise<{ now: string; isFrozen: boolean; offsetSeconds: number }>;
  /** Acts in a party's place, which must succeed. */
  act(order: unknown): Promise<Shown>;
}

/** Talks to a server as its operator. */
export async function operatorOf(server: TestServer): Promise<Operator> {
  const { store, issuer } = server.exchange;
  const { token } = await createOperations(store, issuer, () => server.origin).mintToken({ operator: true });
  const { ask } = talk(server, token);
  return {
    ask,
    async clock(order) {
      const answer = await ask('POST', '/_sandbox/clock', order);
      expect(answer.status, answer.text).toBe(200);
      return answer.json();
    },
    async act(order) {
      const answer = await ask('POST', '/_sandbox/acts', order);
      expect(answer.status, answer.text).toBe(200);
      return answer.json<{ referral: Shown }>().referral;
    },
  };
}

/** Where a record for another organisation is sent. */
export const targets = {
  microsoft: 'msft',
  tailspin: 'c0ffee00-7700-4001-8000-000000000001',
  redmond: 'c0ffee00-5512-4345-8000-000000000001',
  london: 'c0ffee00-5598-4765-8000-000000000001',
} as const;

/** The target of a POST. */
export const targeting = (id: string) => [{ type: 'BusinessProfileLocation', id }];

/** A contact at the customer, with all four fields. */
export const contact = {
  firstName: 'Sue',
  lastName: 'Smith',
  phoneNumber: '1234567890',
  email: 'sue.smith@fabrikam.com',
};

/** A private deal, as little of it as a POST needs and as much as others are to be shown or not; `more` replaces. */
export function deal(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    name: 'Shop floor',
    type: 'Independent',
    qualification: 'SalesQualified',
    customerProfile: {
      name: 'Fabrikam',
      address: { addressLine1: '4567 Main St', city: 'Buffalo', state: 'NY', postalCode: '98052', country: 'US' },
      team: [contact],
    },
    consent: {
      consentToToShareInfoWithOthers: true,
      consentToContact: true,
      consentToShareReferralWithMicrosoftSellers: false,
    },
    details: {
      notes: 'Two hundred seats',
      dealValue: 4873125,
      currency: 'USD',
      closingDateTime: '2030-10-30T00:00:00Z',
      requirements: { solutions: [{ id: 'SOL-34104-EBB', name: 'Contoso Supply', type: 'Name' }] },
    },
    team: [{ firstName: 'John', lastName: 'Doe', phoneNumber: '1231231234', email: 'john.doe@contoso.com' }],
    ...more,
  };
}

/** A deal that Microsoft's sellers may see. */
export function sharedDeal(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const consent = {
    consentToToShareInfoWithOthers: true,
    consentToContact: true,
    consentToShareReferralWithMicrosoftSellers: true,
  };
  return deal({ consent, ...more });
}

/** The body that invites another organisation into an engagement. */
export function invitation(engagementId: string, target: string, more: Readonly<Record<string, unknown>> = {}) {
  return deal({
    engagementId,
    type: 'Shared',
    target: targeting(target),
    consent: { consentToToShareInfoWithOthers: true, consentToContact: true },
    ...more,
  });
}

/** An engine on which every server is opened at one and the same place. */
export function engineAt(engine: Engine, place: Place): Engine {
  const makePlace = async () => ({ at: place.at, remove: async () => undefined });
  return { name: engine.name, makePlace, makeSamplePlace: makePlace, makeEmptyPlace: makePlace };
}

/** Holds a history to what every log is: each change begins where the former ended, in the order of time. */
export function expectLinear(changes: readonly ShownChange[], current?: Shown): void {
  for (const [at, change] of changes.entries()) {
    const former = changes[at - 1];
    if (former === undefined) continue;
    expect(change.sequence).toBeGreaterThan(former.sequence);
    expect(change.occurredDateTime >= former.occurredDateTime).toBe(true);
    expect(change.before).toEqual(former.after);
    expect(change.before?.eTag).toBe(former.eTag);
  }
  const last = changes.at(-1);
  expect(last?.after?.eTag).toBe(last?.eTag);
  if (current !== undefined) {
    const { '@odata.context': _context, ...referral } = current;
    expect(last?.after).toEqual(referral);
  }
}
