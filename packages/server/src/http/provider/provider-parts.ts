import type { Config } from '../../config.ts';
import type { BuiltInIssuer } from '../../identity/built-in-issuer.ts';
import type { ProofParts } from '../../identity/prove-user.ts';
import type { Observe } from '../../observations.ts';
import type { Store, Surroundings } from '../../store/store.ts';

/** What the built-in provider is made of. */
export interface ProviderParts {
  readonly store: Store;
  readonly issuer: BuiltInIssuer;
  readonly config: Pick<Config, 'allowsPasswordGrant'>;
  readonly surroundings: Surroundings;
  readonly proof: ProofParts;
  readonly observe: Observe;
}

/** Which of the provider's faces: Entra's endpoints of the first or of the second version. */
export type EndpointVersion = 1 | 2;

/** One issuer: an address of this server, and a tenant as paths name it. */
export interface IssuerPlace {
  readonly origin: string;
  readonly tenant: string;
  readonly version: EndpointVersion;
}
