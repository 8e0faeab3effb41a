import { readFileSync } from 'node:fs';
import { type RoleAssignment, type RoleName, roles } from '@cosell/model';

/** Algorithms that an issuer may sign with. `none` and shared secrets are not here. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];
/** What issuers sign with unless the operator says otherwise. */
export const usualAlgorithms: readonly string[] = ['RS256', 'ES256'];

/** Which claims say what: a name, or a path such as `realm_access.roles` where no claim has that name. */
export interface ClaimNames {
  readonly tenant?: string;
  readonly subject?: string;
  readonly client?: string;
  readonly scope?: string;
}

/** How the tokens of an issuer are read, where that is not by the documented claims. */
export interface ClaimsMapping {
  readonly claims?: ClaimNames;
  /** The claim that lists roles, and what they are here; values that are not named give none. */
  readonly roles?: { readonly claim: string; readonly map: Readonly<Record<string, RoleAssignment>> };
  /** The claim that shows a second factor, and the values that do. */
  readonly mfa?: { readonly claim: string; readonly values: readonly string[] };
}

/** An OpenID Connect provider that the operator trusts. */
export interface TrustedIssuer extends ClaimsMapping {
  /** The `iss` claim of its tokens; `{tenantid}` in it stands for the tenant that the token names. */
  readonly issuer: string;
  /** Audiences that its tokens may name; none is assumed (decision 8). */
  readonly audiences: readonly string[];
  /** The tenants that it may speak for: `tid` claims, or the issuer itself where its tokens have none. */
  readonly tenants: readonly string[];
  /** Address of its discovery document, where that is not below the issuer. */
  readonly discovery?: string;
  readonly algorithms: readonly string[];
}

/** What stands for the tenant in the name of an issuer, and in the keys that Entra ID publishes. */
export const tenantPlace = '{tenantid}';

/** The name of an issuer in the tokens of a tenant, which is in lower case. */
export function issuerNameFor(issuer: string, tenant: string): string {
  return issuer.replaceAll(tenantPlace, tenant);
}

/** Every name that an issuer has in tokens: one for each of its tenants, where the tenant stands in it. */
export function issuerNames({ issuer, tenants }: Pick<TrustedIssuer, 'issuer' | 'tenants'>): ReadonlySet<string> {
  return new Set(tenants.map((tenant) => issuerNameFor(issuer, tenant.toLowerCase())));
}

/**
 * Reads the providers from JSON, or from the file whose name follows an `@`.
 *
 * @returns them, or all that is wrong with them
 */
export function readIssuers(text: string): { issuers: TrustedIssuer[] } | { faults: string } {
  if (!text.startsWith('@')) return readJson(text);
  try {
    return readJson(readFileSync(text.slice(1), 'utf8'));
  } catch (error) {
    return { faults: `a file that can be read (${(error as NodeJS.ErrnoException).code})` };
  }
}

function readJson(text: string): { issuers: TrustedIssuer[] } | { faults: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { faults: 'a JSON list' };
  }
  if (!Array.isArray(value)) return { faults: 'a JSON list of objects, as docs/providers.md shows' };
  const faults: string[] = [];
  const issuers = value.map((item, index) => readIssuer(item, `/${index}`, faults));
  const names = issuers.map(({ issuer }) => issuer);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) faults.push(`/${index}/issuer names the same issuer as another entry`);
  }
  if (faults.length === 0) return { issuers };
  return { faults: `a list of objects, as docs/providers.md shows: ${faults.join('; ')}` };
}

/** A check of a member's value: what it must be, where it is not. */
type Check = (value: unknown, at: string, faults: string[]) => void;

const check =
  (advice: string, isRight: (value: unknown) => boolean): Check =>
  (value, at, faults) => {
    if (!isRight(value)) faults.push(`${at} must be ${advice}`);
  };

const text = check('text, not empty', isText);
const texts = check('a list of text, not empty', isTexts);

/** An object with members that are known, each with its check; those that are required are named. */
const object =
  (members: Readonly<Record<string, Check>>, required: readonly string[]): Check =>
  (value, at, faults) => {
    if (!isObject(value)) return void faults.push(`${at} must be an object`);
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(members, name)) {
        faults.push(`${at}/${name} is not known; the members are ${Object.keys(members).join(', ')}`);
      }
    }
    for (const [name, checkMember] of Object.entries(members)) {
      if (Object.hasOwn(value, name)) checkMember(value[name], `${at}/${name}`, faults);
      else if (required.includes(name)) faults.push(`${at}/${name} is missing`);
    }
  };

const roleNames = Object.keys(roles);
const roleAdvice = `one of ${roleNames.join(', ')}, or {"role", "location"} where it is given for a location`;

const mappedRoles: Check = (value, at, faults) => {
  if (!isObject(value) || Object.keys(value).length === 0) return void faults.push(`${at} must be an object`);
  for (const [name, role] of Object.entries(value)) {
    if (roleOf(role) === undefined) faults.push(`${at}/${name} must be ${roleAdvice}`);
  }
};

const checkIssuer = object(
  {
    issuer: check('an address', isAddress),
    audiences: texts,
    tenants: texts,
    discovery: check('an address', isAddress),
    algorithms: check(
      `a list of some of ${algorithms.join(', ')}`,
      (value) => isTexts(value) && value.every((name) => algorithms.includes(name)),
    ),
    claims: object({ tenant: text, subject: text, client: text, scope: text }, []),
    roles: object({ claim: text, map: mappedRoles }, ['claim', 'map']),
    mfa: object({ claim: text, values: texts }, ['claim', 'values']),
  },
  ['issuer', 'audiences', 'tenants'],
);

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function readIssuer(item: unknown, at: string, faults: string[]): TrustedIssuer {
  const before = faults.length;
  checkIssuer(item, at, faults);
  // Whatever was not named has its documented form; the rest is not used.
  const given = (isObject(item) ? item : {}) as unknown as TrustedIssuer;
  if (faults.length > before) return { ...given, algorithms: usualAlgorithms };
  if (given.issuer.includes(tenantPlace)) {
    if (given.discovery === undefined) faults.push(`${at}/discovery is missing: ${tenantPlace} has no address`);
    if (!given.tenants.every((tenant) => guid.test(tenant))) {
      faults.push(`${at}/tenants must be GUIDs, because the issuer has ${tenantPlace}`);
    }
  }
  return { ...given, algorithms: given.algorithms ?? usualAlgorithms, ...rolesOf(given) };
}

function rolesOf({ roles: given }: TrustedIssuer): Pick<TrustedIssuer, 'roles'> {
  if (given === undefined) return {};
  const map = Object.entries(given.map).flatMap(([name, role]) => {
    const assignment = roleOf(role);
    return assignment === undefined ? [] : [[name, assignment] as const];
  });
  return { roles: { claim: given.claim, map: Object.fromEntries(map) } };
}

function roleOf(value: unknown): RoleAssignment | undefined {
  if (typeof value === 'string') return isRole(value) ? { role: value, mpnId: null } : undefined;
  if (!isObject(value) || Object.keys(value).length !== 2) return undefined;
  const { role, location } = value;
  const isScoped = isRole(role) && roles[role].isScoped;
  return isScoped && typeof location === 'string' && /^\d+$/.test(location) ? { role, mpnId: location } : undefined;
}

function isRole(value: unknown): value is RoleName {
  return typeof value === 'string' && roleNames.includes(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isText);
}
