import { createHmac } from 'node:crypto';
import { beginAttempt, type CredentialHolder, endAttempt, nobody, recordSignIn } from '../domain/credentials.ts';
import { isTooLong } from '../domain/password-rules.ts';
import { skipTokenKey } from '../domain/skip-token-key.ts';
import { isAnyTenant } from '../domain/tenant-names.ts';
import type { Credentials } from '../store/credentials.ts';
import type { DirectoryUser } from '../store/directory-entry.ts';
import type { Store, Surroundings } from '../store/store.ts';
import { AddressBrake } from './address-brake.ts';
import { createPasswordHasher, type PasswordHasher } from './password-hasher.ts';
import { stepOfCode } from './second-factor.ts';

/** What proving users needs; one for each process. */
export interface ProofParts {
  readonly store: Store;
  readonly surroundings: Surroundings;
  readonly hasher: PasswordHasher;
  readonly addresses: AddressBrake;
}

/** The parts for a process. */
export function createProofParts(store: Store, surroundings: Surroundings): ProofParts {
  return { store, surroundings, hasher: createPasswordHasher(), addresses: new AddressBrake() };
}

/** From where and for which program somebody signs in. */
export interface SignInPlace {
  /** Address of the client's machine. */
  readonly address: string;
  readonly clientId: string | null;
  readonly requestId: string | null;
}

/** Who somebody says he is, and what he shows for it. */
export interface ProofAsked extends SignInPlace {
  /** The tenant that he must belong to: its id; `common`, `organizations` and undefined stand for any. */
  readonly tenant?: string | undefined;
  readonly nameOrEmail: string;
  readonly password: string;
  /** The code of his second factor. */
  readonly code?: string | undefined;
  /** Whether this is one step of several, so that it does not go on record as a sign-in yet. */
  readonly isStep?: true;
}

/** How a user has proved himself (RFC 8176). */
export type Methods = readonly ['pwd'] | readonly ['pwd', 'mfa'];

/** What comes of it. `wrong` is one answer for a user who is not there and for a password that is not his. */
export type Proof =
  | { readonly ok: DirectoryUser; readonly amr: Methods }
  | { readonly refused: 'wrong' }
  | { readonly refused: 'slowed'; readonly seconds: number }
  | { readonly refused: 'codeNeeded' | 'codeWrong'; readonly user: DirectoryUser }
  | { readonly refused: 'passwordToBeSet'; readonly user: DirectoryUser; readonly amr: Methods };

/** Proves that somebody is the user he says, and puts it on record. The work is the same whether there is such a user or not. */
export async function proveUser(parts: ProofParts, asked: ProofAsked): Promise<Proof> {
  const { store, surroundings, hasher, addresses } = parts;
  const nowMs = surroundings.clock.now();
  const seconds = Math.max(addresses.secondsLeft(asked.address, nowMs), hasher.isFull ? 2 : 0);
  if (seconds > 0) return { refused: 'slowed', seconds };
  const user = await findUser(store, asked);
  const holder = user === undefined ? await slotOf(store, asked) : holderOf(user);
  const begun = await store.transact(beginAttempt, { ...holder, nowMs });
  if ('seconds' in begun) return { refused: 'slowed', seconds: begun.seconds };
  const { credentials } = begun;
  const isRight = await hasher.verify(
    credentials.passwordHash,
    // What is longer than any password is compared as one that nobody has.
    isTooLong(asked.password) ? '' : asked.password,
  );
  if (user === undefined || !isRight) {
    addresses.noteFailure(asked.address, nowMs);
    await store.transact(endAttempt, { ...holder, nowMs, outcome: 'passwordWrong', by: actorOf(asked, user) });
    return { refused: 'wrong' };
  }
  return go(parts, { user, credentials, asked, nowMs });
}

/** Proves the second factor of a user whose password is proved. */
export async function proveCode(
  parts: ProofParts,
  asked: SignInPlace & { readonly user: DirectoryUser; readonly code: string },
): Promise<'ok' | 'codeWrong' | { readonly seconds: number }> {
  const { store, surroundings, addresses } = parts;
  const nowMs = surroundings.clock.now();
  const seconds = addresses.secondsLeft(asked.address, nowMs);
  if (seconds > 0) return { seconds };
  const holder = holderOf(asked.user);
  const begun = await store.transact(beginAttempt, { ...holder, nowMs });
  if ('seconds' in begun) return begun;
  const { totpSecret } = begun.credentials;
  const step = totpSecret === null ? undefined : stepOfCode(totpSecret, asked.code, nowMs);
  const outcome = step === undefined ? 'codeWrong' : 'proved';
  const takenStep = step === undefined ? {} : { takenStep: step };
  const by = actorOf(asked, asked.user);
  const isTaken = await store.transact(endAttempt, { ...holder, nowMs, outcome, ...takenStep, by });
  if (step !== undefined && isTaken) return 'ok';
  addresses.noteFailure(asked.address, nowMs);
  return 'codeWrong';
}

interface Known {
  readonly user: DirectoryUser;
  readonly credentials: Credentials;
  readonly asked: ProofAsked;
  readonly nowMs: number;
}

/** Goes on with one whose password is right. */
async function go(
  { store, hasher, addresses }: ProofParts,
  { user, credentials, asked, nowMs }: Known,
): Promise<Proof> {
  const { passwordHash, totpSecret, isTemporary } = credentials;
  const newHash =
    passwordHash !== null && hasher.isOutdated(passwordHash) ? { newHash: await hasher.hash(asked.password) } : {};
  const by = actorOf(asked, user);
  const end = { ...holderOf(user), nowMs, ...newHash, by };
  if (totpSecret !== null && (asked.code === undefined || asked.code === '')) {
    await store.transact(endAttempt, { ...end, outcome: 'halfProved' });
    return { refused: 'codeNeeded', user };
  }
  const step = totpSecret === null ? undefined : stepOfCode(totpSecret, asked.code ?? '', nowMs);
  const isProved = totpSecret === null || step !== undefined;
  const takenStep = step === undefined ? {} : { takenStep: step };
  const isTaken = await store.transact(endAttempt, {
    ...end,
    ...takenStep,
    outcome: isProved ? 'proved' : 'codeWrong',
  });
  if (!isProved || !isTaken) {
    addresses.noteFailure(asked.address, nowMs);
    return { refused: 'codeWrong', user };
  }
  const amr: Methods = totpSecret === null ? ['pwd'] : ['pwd', 'mfa'];
  if (isTemporary) return { refused: 'passwordToBeSet', user, amr };
  if (asked.isStep !== true) await store.transact(recordSignIn, { userName: user.name, amr, by });
  return { ok: user, amr };
}

/**
 * The user of a name or address; one of several is nobody. A name as it is written goes before an address, unless it looks
 * like one: else whoever is named like another's address would stand in his way.
 */
async function findUser(store: Store, { nameOrEmail, tenant }: ProofAsked): Promise<DirectoryUser | undefined> {
  const named = tenant?.toLowerCase();
  const tenantId = named === undefined || isAnyTenant(named) ? undefined : named;
  const wanted = nameOrEmail.trim();
  // Names are short, and PostgreSQL takes no zero byte as text.
  if (wanted.length > 320 || wanted.includes('\0')) return undefined;
  const found = await store.identity.findUsersNamed(wanted, tenantId);
  const own = wanted.includes('@') ? undefined : found.find(({ name }) => name === wanted);
  return own ?? (found.length === 1 ? found[0] : undefined);
}

/** Slots under which attempts at names that are not there are counted: so many rows at most. */
const slots = 4_096;

/** The slot of a name that is not there; which names share one, nobody can reckon who has not the key. */
async function slotOf(store: Store, { nameOrEmail }: ProofAsked): Promise<CredentialHolder> {
  const key = (await store.findFact(skipTokenKey)) ?? '';
  const digest = createHmac('sha256', key).update(`sign-in ${nameOrEmail.trim().toLowerCase()}`).digest();
  return { organizationId: nobody, userName: `slot ${digest.readUInt32BE() % slots}` };
}

function holderOf({ organizationId, name }: DirectoryUser): CredentialHolder {
  return { organizationId, userName: name };
}

function actorOf({ clientId, requestId }: SignInPlace, user: DirectoryUser | undefined) {
  return { organizationId: user?.organizationId ?? null, subject: user?.subject ?? null, clientId, requestId };
}
