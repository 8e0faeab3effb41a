import type { Credentials } from '../store/credentials.ts';
import type { Command, Transaction } from '../store/store.ts';
import { type Actor, recordAct } from './acts.ts';
import { fixedText } from './exchange-clock.ts';
import { afterAttempt, secondsLeft } from './slow-down.ts';

/** Whose credentials they are. */
export interface CredentialHolder {
  readonly organizationId: string;
  readonly userName: string;
}

/**
 * The organisation under which attempts at names that are not there are slowed, so that they are slowed alike. No
 * organisation has this id.
 */
export const nobody = 'unknown';

/** The fact that counts attempts at names that are not there; none of those names is kept. */
export const unknownSignIns = 'unknown-sign-ins';

/** An attempt of somebody to prove himself. */
export interface Attempt extends CredentialHolder {
  /** The machine's time, as whoever is asked has it. */
  readonly nowMs: number;
}

/** What an attempt may go on with, or for how many seconds nothing is tried. */
export type BegunAttempt = { readonly seconds: number } | { readonly credentials: Credentials };

/**
 * Begins an attempt. It counts as failed from here on, in the table and so for every process, and is taken back when it
 * succeeds: of a thousand guesses that are sent at once, four are tried.
 */
export const beginAttempt: Command<Attempt, BegunAttempt> = {
  name: 'beginAttempt',
  async run(transaction, { nowMs, ...holder }) {
    const credentials = await lockCredentials(transaction, holder, nowMs);
    const failed = failedOf(credentials);
    const seconds = secondsLeft(failed, nowMs);
    if (seconds > 0) return { seconds };
    const { failedAttempts, slowedUntilMs } = afterAttempt(failed, nowMs);
    await transaction.putCredentials({ ...credentials, failedAttempts, slowedUntil: textOf(slowedUntilMs) });
    return { credentials };
  },
};

/** How an attempt has ended. */
export interface EndedAttempt extends Attempt {
  /** Half proved is who knows the password and has still to show a code: what had failed before stays counted. */
  readonly outcome: 'passwordWrong' | 'codeWrong' | 'halfProved' | 'proved';
  /** The time step of the code that was shown. */
  readonly takenStep?: number;
  /** The password by today's parameters, where it was hashed by older ones. */
  readonly newHash?: string;
  readonly by: Actor;
}

/** Ends an attempt. Gives whether its code was taken: false for one that was taken before. */
export const endAttempt: Command<EndedAttempt, boolean> = {
  name: 'endAttempt',
  async run(transaction, { nowMs, outcome, takenStep, newHash, by, ...holder }, surroundings) {
    const credentials = await lockCredentials(transaction, holder, nowMs);
    const isUsed = takenStep !== undefined && (credentials.totpStep ?? -1) >= takenStep;
    if (outcome === 'passwordWrong' || outcome === 'codeWrong' || isUsed) {
      if (holder.organizationId === nobody) await countUnknown(transaction);
      else {
        const details = { reason: isUsed ? 'codeUsed' : outcome };
        await recordAct(transaction, surroundings, { kind: 'signInFailed', subject: holder.userName, details, by });
      }
      return !isUsed;
    }
    const rest = outcome === 'proved' ? 0 : Math.max(0, credentials.failedAttempts - 1);
    await transaction.putCredentials({
      ...credentials,
      failedAttempts: rest,
      slowedUntil: rest === 0 ? null : textOf(nowMs),
      totpStep: takenStep ?? credentials.totpStep,
      passwordHash: newHash ?? credentials.passwordHash,
    });
    return true;
  },
};

/** A password that is set. */
export interface PasswordOrder extends CredentialHolder {
  readonly passwordHash: string;
  /** Whether he has to choose another at his next sign-in. */
  readonly isTemporary: boolean;
  /** Without it, the machine's time where the command runs. */
  readonly nowMs?: number;
  readonly by: Actor | undefined;
}

/** Sets the password of a user. Whoever waited after failures waits no longer. */
export const setPassword: Command<PasswordOrder, null> = {
  name: 'setPassword',
  async run(transaction, { passwordHash, isTemporary, nowMs: givenMs, by, ...holder }, surroundings) {
    const nowMs = givenMs ?? surroundings.clock.now();
    const before = await lockCredentials(transaction, holder, nowMs);
    const changed = { passwordHash, isTemporary, failedAttempts: 0, slowedUntil: null, changedAt: fixedText(nowMs) };
    await transaction.putCredentials({ ...before, ...changed });
    const details = { isTemporary };
    await recordAct(transaction, surroundings, { kind: 'passwordChanged', subject: holder.userName, details, by });
    return null;
  },
};

/**
 * Gives every user who has no password yet this one: those of a sample exchange, so that they can be signed in at once.
 * It is random for each exchange and goes on record as one change.
 */
export const addSamplePassword: Command<{ passwordHash: string }, null> = {
  name: 'addSamplePassword',
  async run(transaction, { passwordHash }, surroundings) {
    const nowMs = surroundings.clock.now();
    const { users } = await transaction.listDirectory();
    for (const { organizationId, name: userName } of users) {
      const before = await lockCredentials(transaction, { organizationId, userName }, nowMs);
      if (before.passwordHash === null) await transaction.putCredentials({ ...before, passwordHash });
    }
    const details = { isSample: true };
    await recordAct(transaction, surroundings, { kind: 'passwordChanged', subject: undefined, details });
    return null;
  },
};

/** A second factor that is set, or taken away. */
export interface SecondFactorOrder extends CredentialHolder {
  /** Base32; null takes it away. */
  readonly totpSecret: string | null;
  /** The time step of the code that has proved it. */
  readonly takenStep: number | null;
  /** Without it, the machine's time where the command runs. */
  readonly nowMs?: number;
  readonly by: Actor | undefined;
}

/** Sets the second factor of a user, or takes it away. */
export const setSecondFactor: Command<SecondFactorOrder, null> = {
  name: 'setSecondFactor',
  async run(transaction, { totpSecret, takenStep, nowMs: givenMs, by, ...holder }, surroundings) {
    const nowMs = givenMs ?? surroundings.clock.now();
    const before = await lockCredentials(transaction, holder, nowMs);
    const changed = {
      totpSecret,
      totpStep: takenStep,
      failedAttempts: 0,
      slowedUntil: null,
      changedAt: fixedText(nowMs),
    };
    await transaction.putCredentials({ ...before, ...changed });
    const details = { isSet: totpSecret !== null };
    await recordAct(transaction, surroundings, { kind: 'secondFactorChanged', subject: holder.userName, details, by });
    return null;
  },
};

/** Somebody who has signed in. */
export interface SignIn {
  readonly userName: string;
  /** How he has proved himself (RFC 8176). */
  readonly amr: readonly string[];
  readonly by: Actor;
}

/** Puts a sign-in on record. */
export const recordSignIn: Command<SignIn, null> = {
  name: 'recordSignIn',
  async run(transaction, { userName, amr, by }, surroundings) {
    await recordAct(transaction, surroundings, { kind: 'signedIn', subject: userName, details: { amr }, by });
    return null;
  },
};

/** What is stored, or what would be for one who has nothing yet; nobody else decides by it meanwhile. */
async function lockCredentials(
  transaction: Transaction,
  { organizationId, userName }: CredentialHolder,
  nowMs: number,
): Promise<Credentials> {
  await transaction.lock(`credentials ${organizationId} ${userName}`);
  return (
    (await transaction.findCredentials(organizationId, userName)) ?? {
      organizationId,
      userName,
      passwordHash: null,
      isTemporary: false,
      totpSecret: null,
      totpStep: null,
      failedAttempts: 0,
      slowedUntil: null,
      changedAt: fixedText(nowMs),
    }
  );
}

function failedOf({ failedAttempts, slowedUntil }: Credentials) {
  return { failedAttempts, slowedUntilMs: slowedUntil === null ? null : Date.parse(slowedUntil) };
}

function textOf(ms: number | null): string | null {
  return ms === null ? null : fixedText(ms);
}

async function countUnknown(transaction: Transaction): Promise<void> {
  await transaction.lock(unknownSignIns);
  const count = Number((await transaction.findFact(unknownSignIns)) ?? '0');
  await transaction.putFact(unknownSignIns, String(count + 1));
}
