import { type AccessCheckName, accessChecks, checkOf, Failure, failure, failureRow, guidPattern } from '@cosell/model';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Config } from '../config.ts';
import type { AdmittedCaller, Caller } from '../domain/caller.ts';
import { findWritable, getReferral } from '../domain/referrals.ts';
import { admit } from '../domain/visibility.ts';
import { fingerprinted } from '../identity/access-token.ts';
import type { BuiltInIssuer } from '../identity/built-in-issuer.ts';
import { claimAt, type ProvedClaims } from '../identity/claims.ts';
import { ExternalIssuer } from '../identity/external-issuer.ts';
import { findCaller } from '../identity/find-caller.ts';
import { type KnownToken, TokenVerifier } from '../identity/token-verifier.ts';
import type { Store, Surroundings } from '../store/store.ts';
import { issuerNames } from '../trusted-issuers.ts';

/** One check of a decision. */
export interface ExplainedStep {
  readonly check: AccessCheckName;
  readonly sentence: string;
  readonly state: 'passed' | 'failed' | 'notReached';
  /** What was found, where there is something to say. */
  readonly found: string | null;
  /** What the caller is told, where it failed. */
  readonly refusal: { readonly innerCode: string; readonly message: string } | null;
  /** What the operator can do, where it failed. */
  readonly mend: string | null;
}

/** A whole decision. */
export interface Explanation {
  readonly isAllowed: boolean;
  /** Whether the referral may be written too; null where none was asked for, or it is not even read. */
  readonly mayWrite: boolean | null;
  readonly steps: readonly ExplainedStep[];
}

/** What is to be explained: a token, and a referral that is asked for with it. */
export interface ExplainInput {
  readonly token: string;
  readonly id?: string | undefined;
}

/** What a decision is made of. */
export interface ExplainParts {
  readonly config: Pick<Config, 'issuers' | 'requireMfa'>;
  readonly store: Store;
  readonly issuer: BuiltInIssuer;
  readonly surroundings: Surroundings;
  /** The addresses of the server. */
  readonly origins: () => readonly string[];
}

/** What is decided by one part of the program, in the order in which it does. */
const stages = {
  token: ['form', 'algorithm', 'issuer', 'key', 'signature', 'claims', 'times', 'tenant', 'audience', 'mfa'],
  caller: ['scope', 'user', 'organisation', 'consent'],
  role: ['role'],
} as const satisfies Record<string, readonly AccessCheckName[]>;

/**
 * Explains decisions: it lets the verifier, the directory and the rules of visibility decide, as a request does, and says
 * which of their checks a token has passed and which it has not.
 */
export function createExplain(parts: ExplainParts): (input: ExplainInput) => Promise<Explanation> {
  const { config, store, issuer, surroundings, origins } = parts;
  const observe = () => undefined;
  return async ({ token, id }) => {
    if (id !== undefined && !guidPattern.test(id)) throw failure('malformedId');
    const verifier = new TokenVerifier({
      builtIn: issuer,
      external: config.issuers.map((trust) => new ExternalIssuer(trust, surroundings.clock, observe)),
      origins,
      requireMfa: config.requireMfa,
      clock: surroundings.clock,
      observe,
    });
    const trail = new Trail(factsOf(token, config));
    const known: KnownToken = { claims: undefined };
    const text = token.trim().replace(/^Bearer +/i, '');
    const claims = await trail.follow(stages.token, () => verifier.verify(fingerprinted(text), 'partner', known));
    const caller = claims && (await trail.follow(stages.caller, () => findCaller(store, claims)));
    if (claims !== undefined) trail.note(await userFacts(store, claims, caller));
    const admitted = caller && (await trail.follow(stages.role, async () => admit(caller, 'referral.read')));
    if (id === undefined) return trail.end(null);
    return explainReferral(parts, { trail, admitted, id: id.toLowerCase() });
  };
}

interface Asking {
  readonly trail: Trail;
  readonly admitted: AdmittedCaller | undefined;
  readonly id: string;
}

async function explainReferral({ store, surroundings }: ExplainParts, { trail, admitted, id }: Asking) {
  trail.note(await referralFacts(store, admitted, id));
  // A Referral User is let in by the team, everybody else by his role's locations.
  const isByTeam = admitted?.grant.isWholeOrganisation === false && admitted.grant.isTeamMember;
  const reach = ['visibility', isByTeam ? 'team' : 'location'] as const;
  const read = admitted && (await trail.follow(reach, () => getReferral(store, surroundings, admitted, id)));
  if (read === undefined || admitted === undefined) {
    if (admitted === undefined) trail.skip(reach);
    return trail.end(null);
  }
  const reading = trail.end(false);
  const writing = new Trail({ owner: trail.factOf('owner') });
  const written = await writing.follow(['role', 'owner'], () =>
    findWritable(store, surroundings, admit(admitted, 'referral.update'), id),
  );
  const { steps } = writing.end(null);
  return { isAllowed: true, mayWrite: written !== undefined, steps: [...reading.steps, ...steps.slice(1)] };
}

type Facts = Partial<Record<AccessCheckName, string>>;

/** The steps of a decision as far as they are known. */
class Trail {
  readonly #steps: ExplainedStep[] = [];
  readonly #facts: Facts;
  #hasFailed = false;

  constructor(facts: Facts) {
    this.#facts = { ...facts };
  }

  note(facts: Facts): void {
    for (const [at, step] of this.#steps.entries()) {
      const found = facts[step.check];
      if (found !== undefined) this.#steps[at] = { ...step, found };
    }
    Object.assign(this.#facts, facts);
  }

  factOf(check: AccessCheckName): string {
    return this.#facts[check] ?? '';
  }

  /** Lets a part of the program decide; its refusal tells which of its checks has failed. */
  async follow<Result>(checks: readonly AccessCheckName[], decide: () => Promise<Result>): Promise<Result | undefined> {
    try {
      const result = await decide();
      for (const check of checks) this.#add(check, 'passed');
      return result;
    } catch (error) {
      const failed = error instanceof Failure ? checkOf(error.kind) : undefined;
      if (!(error instanceof Failure) || failed === undefined || !checks.includes(failed)) throw error;
      this.#hasFailed = true;
      const at = checks.indexOf(failed);
      for (const check of checks.slice(0, at)) this.#add(check, 'passed');
      this.#add(failed, 'failed', error);
      this.skip(checks.slice(at + 1));
      return undefined;
    }
  }

  skip(checks: readonly AccessCheckName[]): void {
    for (const check of checks) this.#add(check, 'notReached');
  }

  end(mayWrite: boolean | null): Explanation {
    const known = new Set(this.#steps.map(({ check }) => check));
    const rest = Object.values(stages).flat();
    if (this.#hasFailed && known.has('form')) this.skip(rest.filter((check) => !known.has(check)));
    return { isAllowed: !this.#hasFailed, mayWrite, steps: [...this.#steps].sort(byOrder) };
  }

  #add(check: AccessCheckName, state: ExplainedStep['state'], error?: Failure): void {
    const { sentence, mend } = accessChecks[check];
    const innerCode = error && (failureRow(error.kind).innerCode ?? error.kind);
    this.#steps.push({
      check,
      sentence,
      state,
      found: this.#facts[check] || null,
      refusal: error === undefined || innerCode === undefined ? null : { innerCode, message: error.message },
      mend: state === 'failed' ? mend : null,
    });
  }
}

const order = Object.keys(accessChecks);

function byOrder(one: ExplainedStep, other: ExplainedStep): number {
  return order.indexOf(one.check) - order.indexOf(other.check);
}

/** What a token says of itself, proved or not: whoever asks has it in his hand. */
function factsOf(token: string, { issuers, requireMfa }: ExplainParts['config']): Facts {
  try {
    const text = token.trim().replace(/^Bearer +/i, '');
    const { alg, kid } = decodeProtectedHeader(text);
    const payload = decodeJwt(text);
    const { iss, aud, exp, nbf, tid, amr, scp, scope } = payload;
    const { claims = {}, mfa = undefined } = issuers.find((trust) => issuerNames(trust).has(String(iss))) ?? {};
    /** A claim by the name that its issuer's entry has for it, else as it is documented. */
    const shown = (name: string | undefined, documented: string) =>
      name === undefined ? documented : `${name} ${[claimAt(payload, name) ?? 'is missing'].flat().join(', ')}`;
    const trusted = ['the built-in one', ...issuers.map(({ issuer }) => issuer)].join(', ');
    return {
      algorithm: `alg ${alg}`,
      issuer: `iss ${String(iss)}; trusted: ${trusted}`,
      key: `kid ${kid ?? 'is missing'}`,
      times: `nbf ${instantText(nbf)}, exp ${instantText(exp)}`,
      tenant: shown(claims.tenant, `tid ${String(tid ?? 'is missing, so the issuer is the tenant')}`),
      audience: `aud ${[aud ?? 'is missing'].flat().join(', ')}`,
      mfa: `${shown(mfa?.claim, `amr ${Array.isArray(amr) ? amr.join(', ') : 'is missing'}`)}; REQUIRE_MFA is ${requireMfa}`,
      scope: shown(claims.scope, `scp ${String(scp ?? scope ?? 'is missing')}`),
    };
  } catch {
    return { form: `${token.trim().length} characters that are no JSON Web Token` };
  }
}

function instantText(seconds: unknown): string {
  if (typeof seconds !== 'number') return 'is missing';
  const date = new Date(seconds * 1_000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}

async function userFacts(store: Store, claims: ProvedClaims, caller: Caller | undefined): Promise<Facts> {
  const { tenantId, subject, isOperator } = claims;
  const who = isOperator
    ? "this is the operator's token, which opens no referral"
    : `subject ${subject} of tenant ${tenantId}`;
  const user = await store.findUser(tenantId, subject);
  if (user === undefined) return { user: who };
  // Those of his token count, too, where its issuer's are mapped.
  const roles = caller?.roles.map(({ role, mpnId }) => (mpnId === null ? role : `${role} of location ${mpnId}`));
  return {
    user: `${user.name}, ${user.isActive ? 'active' : 'not active'}`,
    consent: `client ${claims.clientId ?? 'is missing'}`,
    organisation: `${user.organizationId}, ${user.isOrganizationActive ? 'active' : 'not active'}`,
    ...(roles !== undefined && { role: roles.join(', ') || 'he has none' }),
  };
}

/** Where a referral is, whoever asks: this is for the operator, who may know. */
async function referralFacts(store: Store, caller: AdmittedCaller | undefined, id: string): Promise<Facts> {
  const { organizations } = await store.listDirectory();
  for (const { id: owner, name } of organizations) {
    const found = await store.findReferral(owner, id);
    if (found === undefined) continue;
    const isOwn = owner === caller?.organizationId;
    const owned = `it belongs to ${name} (${owner})${isOwn ? ', his own organisation' : ''}`;
    const lead = found.isMarketplaceLead ? '; it is a lead from the marketplace, which is kept and not served' : '';
    const isRead = caller !== undefined && (await store.findView(caller.organizationId, id)) !== undefined;
    const shared = isOwn ? '' : isRead ? '; his is a member of its engagement' : '; his is no member of its engagement';
    return {
      visibility: `${owned}${lead}${caller === undefined ? '' : shared}`,
      location: `location ${found.mpnId ?? 'none: it is for the whole company'}`,
      owner: owned,
    };
  }
  return { visibility: 'no organisation has a referral with this id' };
}
