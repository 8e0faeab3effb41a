import { surroundings } from '@cosell/server';
import { setPassword, setSecondFactor, unknownSignIns } from '@cosell/server/domain/credentials';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { loadExchange } from '@cosell/server/domain/load-exchange';
import { createPasswordHasher } from '@cosell/server/identity/password-hasher';
import {
  createProofParts,
  type ProofAsked,
  type ProofParts,
  proveCode,
  proveUser,
} from '@cosell/server/identity/prove-user';
import { codeAt, newTotpSecret } from '@cosell/server/identity/second-factor';
import { readSampleExchange } from '@cosell/server/sample-exchange';
import { beforeAll, expect, it } from 'vitest';
import { describeOnEachEngine } from '../support/engines.ts';
import { organizations, subjects, users } from '../support/sample.ts';
import { openStoreFor } from './opened-store.ts';

const password = 'a calm grey heron';
const contoso = organizations.contoso;

describeOnEachEngine('whoever signs in', (engine) => {
  const opened = openStoreFor(engine);
  let passwordHash: string;
  let nowMs = Date.now();
  /** Work of the hasher, in its order. */
  let hashed: string[] = [];
  beforeAll(async () => {
    await opened.store.transact(loadExchange, { name: 'sample', contents: readSampleExchange() });
    passwordHash = await createPasswordHasher().hash(password);
    await give(users.admin);
  });

  /** Gives a user the password. */
  const give = (userName: string, isTemporary = false) =>
    opened.store.transact(setPassword, {
      organizationId: contoso,
      userName,
      passwordHash,
      isTemporary,
      nowMs,
      by: undefined,
    });

  /** What a process proves users with; its hasher says what it does. */
  function parts(): ProofParts {
    const made = createProofParts(opened.store, { ...surroundings, clock: { now: () => nowMs } });
    const { hasher } = made;
    return {
      ...made,
      hasher: {
        hash(text) {
          hashed.push('hash');
          return hasher.hash(text);
        },
        verify(hash, text) {
          hashed.push('verify');
          return hasher.verify(hash, text);
        },
        isOutdated: (hash) => hasher.isOutdated(hash),
        isFull: false,
      },
    };
  }

  const place = { address: '192.0.2.1', clientId: 'c-1', requestId: 'r-1' };
  const prove = (asked: Partial<ProofAsked>, by = parts()) =>
    proveUser(by, { ...place, nameOrEmail: users.admin, password, ...asked });
  /** The last records of the audit, without what is hashed. */
  const lastActs = async (most: number) =>
    (await opened.store.listActs({ isNewestFirst: false, most: 1_000 }))
      .slice(-most)
      .map(({ kind, actor, via, details }) => [kind, actor, via, JSON.parse(details)]);

  it('is found by name or address, in his tenant or in any, and goes on record', async () => {
    const admin = (await prove({})) as { ok: { email: string } };
    expect(admin).toMatchObject({ ok: { name: users.admin, organizationId: contoso }, amr: ['pwd'] });
    expect(await lastActs(1)).toEqual([['signedIn', subjects.admin.oid, 'c-1', { amr: ['pwd'] }]]);
    for (const asked of [
      { nameOrEmail: admin.ok.email.toUpperCase(), tenant: 'common' },
      { nameOrEmail: ` ${users.admin} `, tenant: subjects.admin.tid.toUpperCase() },
      { nameOrEmail: 'CONTOSO-admin', tenant: 'organizations' },
    ]) {
      expect(await prove(asked)).toEqual(admin);
    }
    expect(await prove({ tenant: subjects.tailspin.tid })).toEqual({ refused: 'wrong' });
  });

  it('is refused alike, with the same work, whether there is such a user, such a tenant, or such a password', async () => {
    const wrong: Partial<ProofAsked>[] = [
      { password: 'another heron' },
      { nameOrEmail: 'nobody-of-this-name' },
      { nameOrEmail: users.nobody },
      { nameOrEmail: `${users.admin}\0` },
      { nameOrEmail: "' or 1=1 --" },
      { nameOrEmail: 'x'.repeat(100_000) },
      { nameOrEmail: '' },
      { password: '' },
      { password: 'p'.repeat(1_025) },
      { password: `${password}\0` },
      { tenant: 'not-a-tenant' },
    ];
    for (const asked of wrong) {
      hashed = [];
      const before = (await opened.rows('select * from credentials')).length;
      expect(await prove(asked)).toEqual({ refused: 'wrong' });
      expect(hashed).toEqual(['verify']);
      expect((await opened.rows('select * from credentials')).length - before).toBeLessThanOrEqual(1);
      await give(users.admin);
    }
    const acts = await opened.store.listActs({ isNewestFirst: false, most: 1_000 });
    const text = JSON.stringify([acts, await opened.rows('select * from credentials')]);
    expect(text).not.toContain('nobody-of-this-name');
    expect(Number(await opened.store.findFact(unknownSignIns))).toBe(7);
    expect(acts.filter(({ kind }) => kind === 'signInFailed').length).toBe(5);
  });

  it('waits after four failures, in every process and also with the right password, and not for ever', async () => {
    // Whatever failed before is forgotten.
    nowMs += 7_200_000;
    for (const nameOrEmail of [users.admin, 'somebody-who-is-not-there']) {
      const processes = [parts(), parts()];
      const fail = (at: number) => prove({ nameOrEmail, password: 'wrong, and long enough' }, processes[at % 2]);
      for (let attempt = 0; attempt < 5; attempt += 1) expect(await fail(attempt)).toEqual({ refused: 'wrong' });
      expect(await fail(5)).toEqual({ refused: 'slowed', seconds: 1 });
      expect(await prove({ nameOrEmail }, processes[1])).toEqual({ refused: 'slowed', seconds: 1 });
      nowMs += 1_000;
      expect(await fail(6)).toEqual({ refused: 'wrong' });
      expect(await fail(7)).toEqual({ refused: 'slowed', seconds: 2 });
      nowMs += 2_000;
    }
    expect(await prove({})).toMatchObject({ amr: ['pwd'] });
    // Success begins anew.
    for (let attempt = 0; attempt < 4; attempt += 1)
      expect(await prove({ password: 'x' })).toEqual({ refused: 'wrong' });
    expect(await prove({})).toMatchObject({ amr: ['pwd'] });
  });

  it('is tried five times of however many are sent at once', async () => {
    const by = parts();
    const answers = await Promise.all(Array.from({ length: 12 }, () => prove({ password: 'x' }, by)));
    const refusals = answers.map((proof) => ('refused' in proof ? proof.refused : 'none'));
    expect(refusals.filter((refused) => refused === 'wrong').length).toBe(5);
    expect(refusals.filter((refused) => refused === 'slowed').length).toBe(7);
    await give(users.admin);
  });

  it('shows a code where he has a second factor, each once, and guesses no more of them than of passwords', async () => {
    const totpSecret = newTotpSecret();
    const factor = { organizationId: contoso, userName: users.admin, takenStep: null, by: undefined };
    await opened.store.transact(setSecondFactor, { ...factor, totpSecret, nowMs });
    const code = codeAt(totpSecret, nowMs);
    const halfProved = await prove({});
    expect(halfProved).toMatchObject({ refused: 'codeNeeded', user: { name: users.admin } });
    const { user } = halfProved as Extract<typeof halfProved, { refused: 'codeNeeded' }>;
    expect(await proveCode(parts(), { ...place, user, code })).toBe('ok');
    expect(await proveCode(parts(), { ...place, user, code })).toBe('codeWrong');
    expect(await prove({ code })).toMatchObject({ refused: 'codeWrong' });
    expect((await lastActs(1))[0]?.[3]).toEqual({ reason: 'codeUsed' });
    nowMs += 30_000;
    expect(await prove({ code: codeAt(totpSecret, nowMs) })).toMatchObject({ amr: ['pwd', 'mfa'] });
    // Whoever knows the password does not win back attempts at codes by it.
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect(await prove({})).toMatchObject({ refused: 'codeNeeded' });
      expect(await prove({ code: '000000' })).toMatchObject({ refused: 'codeWrong' });
    }
    expect(await prove({})).toMatchObject({ refused: 'slowed' });
    await opened.store.transact(setSecondFactor, { ...factor, totpSecret: null, nowMs });
    expect(await prove({ code: '123456' })).toMatchObject({ amr: ['pwd'] });
    expect((await lastActs(2))[0]).toEqual(['secondFactorChanged', null, null, { isSet: false }]);
  });

  it('chooses his own password after one that was given out, and none of his is of older parameters for long', async () => {
    await give(users.admin, true);
    expect(await prove({})).toMatchObject({ refused: 'passwordToBeSet', amr: ['pwd'] });
    const { hash } = await import('@node-rs/argon2');
    const old = await hash(password, { memoryCost: 8_192, timeCost: 1 });
    const order = { organizationId: contoso, userName: users.admin, isTemporary: false, nowMs, by: undefined };
    await opened.store.transact(setPassword, { ...order, passwordHash: old });
    expect(await prove({})).toMatchObject({ amr: ['pwd'] });
    const credentials = await opened.store.identity.findCredentials(contoso, users.admin);
    expect(credentials?.passwordHash).toContain('$m=19456,t=2,p=1$');
    expect(await prove({})).toMatchObject({ amr: ['pwd'] });
  });

  it('is nobody when he is gone, or when an address is that of several', async () => {
    const change = (input: Parameters<typeof changeDirectory.run>[1]) => opened.store.transact(changeDirectory, input);
    const found = await opened.store.findUser(subjects.admin.tid, subjects.admin.oid);
    const email = found?.email ?? '';
    await change({ kind: 'addUser', organization: organizations.tailspin, name: 'twin', email });
    expect(await prove({ nameOrEmail: email })).toEqual({ refused: 'wrong' });
    expect(await prove({ nameOrEmail: email, tenant: subjects.admin.tid })).toMatchObject({ amr: ['pwd'] });
    await change({ kind: 'removeUser', user: 'twin' });
    await change({ kind: 'removeUser', user: users.admin });
    expect(await prove({})).toEqual({ refused: 'wrong' });
  });
});
