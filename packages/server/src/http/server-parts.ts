import type { Certificate } from '../certificates.ts';
import type { TokenVerifier } from '../identity/token-verifier.ts';
import type { Observe } from '../observations.ts';
import type { Surroundings } from '../store/store.ts';
import type { Cors } from './cors.ts';
import type { Origins } from './origin.ts';
import type { RateLimits } from './rate-limits.ts';
import type { RawRoute } from './raw-route.ts';
import type { RefusalLedger } from './refusal-ledger.ts';
import type { Route, Surface } from './route.ts';

/** What the HTTP layer is made of. */
export interface ServerParts {
  readonly surface: Surface;
  readonly routes: readonly Route[];
  /** Those with a protocol of their own. */
  readonly rawRoutes: readonly RawRoute[];
  readonly verifier: TokenVerifier;
  readonly origins: () => Origins;
  readonly surroundings: Surroundings;
  readonly observe: Observe;
  readonly cors: Cors | undefined;
  /** Where refusals of known users are gathered for the audit. */
  readonly refusals: RefusalLedger;
  /** How often may be asked; undefined where nothing is limited. */
  readonly limits: RateLimits | undefined;
  /** What it shows of itself where it speaks HTTPS. */
  readonly certificate: Certificate | undefined;
}
