import type { FailureKind, Permission, RegistrationData } from '@cosell/model';
import type { Config } from '../config.ts';
import type { AdmittedCaller } from '../domain/caller.ts';
import type { AudienceClass } from '../identity/audiences.ts';
import type { BuiltInIssuer } from '../identity/built-in-issuer.ts';
import type { ProofParts } from '../identity/prove-user.ts';
import type { Metrics } from '../metrics.ts';
import type { CheckState } from '../store/sqlite/file-check.ts';
import type { Store, Surroundings } from '../store/store.ts';
import type { Door } from './batch/item-door.ts';
import type { BodyForm } from './body.ts';
import type { Compress } from './compression.ts';
import type { ExtensionName } from './extensions.ts';
import type { Metadata } from './metadata.ts';
import type { Interactions } from './provider/interactions.ts';
import type { Providers } from './provider/providers.ts';
import type { QueryOptionName } from './query-options.ts';
import type { Sandbox } from './sandbox/sandbox-faults.ts';

/** A request as a handler sees it: read, proved, and without the framework. */
export interface Asked {
  /** The caller; on public routes there is none, nor where the operator asks. */
  readonly caller: AdmittedCaller | undefined;
  readonly parameters: Readonly<Record<string, string>>;
  readonly header: (name: string) => string | undefined;
  /** The client that the token was issued to. */
  readonly clientId: string | null;
  /** The subject of the token; on public routes there is none. */
  readonly subject: string | null;
  /** The `request-id` of the answer. */
  readonly requestId: string;
  /** The name of the route. */
  readonly route: string;
  /** The body, where the route has one. */
  readonly body: Buffer;
  /** The query options that were sent, by their names in lower case. */
  readonly options: Readonly<Record<string, string>>;
  /** This server's origin, as links should show it to this client. */
  readonly origin: string;
  /** The media type that was agreed on. */
  readonly mediaType: string;
  /** Address of the machine at the other end of the connection. */
  readonly remoteAddress: string | undefined;
  /** Where writes go: the store, or for a group of a batch what makes one write of several. */
  readonly writes: Pick<Store, 'transact'>;
  /** The way in for the requests of a batch; none where the request is itself one of a batch. */
  readonly door: Door | undefined;
}

/** What a handler answers. */
export interface Answer {
  readonly status: 200 | 204 | 304;
  /** Names and values in turn, beside those that every answer has. */
  readonly headers?: readonly string[];
  readonly mediaType?: string;
  /** Extensions that the request used, beside those of its options. */
  readonly used?: readonly ExtensionName[];
  readonly body?: string;
  /** Bytes of the body in UTF-8, where they are known without counting. */
  readonly byteLength?: number;
  /** How the body is compressed for a client that likes it so; without it, it never is. */
  readonly compress?: Compress;
  /** Whether its items are results of `$apply` and no referrals. */
  readonly areResults?: boolean;
  /** Whether the answer is never to arrive: a rehearsed fault of a request of the batch. */
  readonly isLost?: boolean;
}

/** What handlers work with. */
export interface Surface {
  readonly store: Store;
  readonly surroundings: Surroundings;
  /** Rates, solutions and customers that registrations are judged by. */
  readonly exchangeData: RegistrationData;
  /** Names of all routes, for whoever speaks of them. */
  readonly routeNames: readonly string[];
  /** What `$metadata` answers. */
  readonly metadata: Metadata;
  /** The sandbox, where this exchange is one (decision 36). */
  readonly sandbox: Sandbox | undefined;
  /** What the look through the database file has come to, where there is one. */
  readonly checkState: CheckState;
  readonly config: Config;
  readonly issuer: BuiltInIssuer;
  /** What proving users by password and code needs. */
  readonly proof: ProofParts;
  /** What answers where users and programs sign in. */
  readonly providers: Providers;
  /** What the pages of sign-in know of it. */
  readonly interactions: Interactions;
  readonly metrics: Metrics;
  readonly version: string;
}

/** One route: from it come routing, authorisation, OpenAPI and a test that it has an example. */
export interface Route {
  /** The operation's id. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Templates such as `/referrals/{id}`; each leads to the same resource. */
  readonly paths: readonly string[];
  /** Who may come in: anybody, or whoever has the permission. */
  readonly access: 'public' | 'operator' | Permission;
  /** Whether the exchange's operator may come in beside whoever has the permission. */
  readonly isOpenToOperator?: true;
  readonly audience: AudienceClass;
  readonly sentence: string;
  /** Media types, the default first. */
  readonly offers: readonly string[];
  /** Media types that clients ask for and do not get; they are answered by the default all the same. */
  readonly tolerates?: readonly string[];
  /** Those of them that OData 4.0 does not know. */
  readonly newIn401?: readonly string[];
  /** The component of the OpenAPI document that describes the answer. */
  readonly schema?: string;
  /** Failures beside those that every route has. */
  readonly failures: readonly FailureKind[];
  readonly extensions: readonly ExtensionName[];
  /** The extension that the whole route is; without it there is nothing at its path. */
  readonly isExtension?: ExtensionName;
  /** Whether it is a part of the built-in provider. */
  readonly isOfProvider?: true;
  /** Whether its body is requests. */
  readonly isBatch?: true;
  /** What it takes as its body. */
  readonly body?: BodyForm;
  /** The component of the OpenAPI document that describes the body. */
  readonly bodySchema?: string;
  /** The query options that it has beside `$format`. */
  readonly options?: readonly QueryOptionName[];
  readonly answer: (surface: Surface, asked: Asked) => Promise<Answer> | Answer;
}
