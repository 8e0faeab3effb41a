import { isIPv6 } from 'node:net';
import { failure } from '@cosell/model';
import type { Config, Rate } from '../config.ts';
import type { AdmittedCaller } from '../domain/caller.ts';
import type { Clock } from '../store/store.ts';
import type { Ending, Exchange } from './answering.ts';
import { TokenBuckets } from './token-buckets.ts';

/** Outside of a sandbox, where nothing else is set: far more than a program asks for that does not run wild. */
const usual = {
  user: { tokens: 3_000, seconds: 60 },
  organization: { tokens: 30_000, seconds: 60 },
  address: { tokens: 30_000, seconds: 60 },
} as const satisfies Record<string, Rate>;

/** What an id that is not there, or a token that proves nothing, costs beside the token that every request costs. */
const guessCost = 9;

/** Whom a limit is for. */
type LimitName = keyof typeof usual;

/** How often users, organisations and addresses may ask, each by a bucket of tokens. */
export class RateLimits {
  readonly #clock: Clock;
  readonly #buckets: Readonly<Record<LimitName, TokenBuckets | undefined>>;

  private constructor(clock: Clock, rates: Readonly<Record<LimitName, Rate | undefined>>) {
    this.#clock = clock;
    const of = (rate: Rate | undefined) => (rate === undefined ? undefined : new TokenBuckets(rate));
    this.#buckets = { user: of(rates.user), organization: of(rates.organization), address: of(rates.address) };
  }

  /** The limits of the settings; undefined where there are none, so that nobody pays for them. */
  static of(
    { rateLimitUser, rateLimitOrganization, rateLimitAddress }: Config,
    isSandbox: boolean,
    clock: Clock,
  ): RateLimits | undefined {
    const rate = (set: Rate | 'off' | undefined, name: LimitName): Rate | undefined => {
      if (set === undefined) return isSandbox ? undefined : usual[name];
      return set === 'off' ? undefined : set;
    };
    const user = rate(rateLimitUser, 'user');
    const organization = rate(rateLimitOrganization, 'organization');
    const address = rate(rateLimitAddress, 'address');
    if (user === undefined && organization === undefined && address === undefined) return undefined;
    return new RateLimits(clock, { user, organization, address });
  }

  /**
   * Lets a request go on before its token is looked at. A request of a batch has come with the batch.
   *
   * @throws Failure `throttled`
   */
  admitAddress(exchange: Exchange): void {
    if (exchange.request.isItem !== true) this.#take('address', addressKey(exchange.request.ip), exchange);
  }

  /**
   * Lets a user go on.
   *
   * @throws Failure `throttled`
   */
  admitCaller({ organizationId, userName }: AdmittedCaller, exchange: Exchange): void {
    exchange.userKey = `${organizationId} ${userName}`;
    this.#take('user', exchange.userKey, exchange);
    this.#take('organization', organizationId, exchange);
  }

  /** Makes guessing slow: what was answered with nothing costs more than what was answered. */
  settle({ request, claims, userKey }: Exchange, { status, innerCode }: Ending): void {
    const isGuess = innerCode === 'referralNotFound' || (status === 401 && claims === undefined);
    if (!isGuess) return;
    const now = this.#clock.now();
    this.#buckets.address?.charge(addressKey(request.ip), guessCost, now);
    if (userKey !== undefined) this.#buckets.user?.charge(userKey, guessCost, now);
  }

  #take(name: LimitName, key: string, { headers }: Exchange): void {
    const buckets = this.#buckets[name];
    if (buckets === undefined) return;
    const waitMs = buckets.take(key, this.#clock.now());
    if (waitMs === 0) return;
    const seconds = String(Math.ceil(waitMs / 1_000));
    const { rate } = buckets;
    // draft-ietf-httpapi-ratelimit-headers-10
    headers.push('RateLimit-Policy', `"${name}";q=${rate.tokens};w=${rate.seconds}`);
    headers.push('RateLimit', `"${name}";r=0;t=${seconds}`);
    throw failure('throttled', { seconds });
  }
}

/** Whoever has one address of version 6 has 2^64 of them, which differ in their last four groups. */
function addressKey(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const last = tail === '' ? [] : tail.split(':');
    while (groups.length + last.length < 8) groups.push('0');
    groups.push(...last);
  }
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
