import { passwordFaults } from '@cosell/server/domain/password-rules';
import { afterAttempt, type Failed, secondsLeft, waitAfter } from '@cosell/server/domain/slow-down';
import { AddressBrake } from '@cosell/server/identity/address-brake';
import { codeAt, otpAddress, stepOfCode } from '@cosell/server/identity/second-factor';
import { describe, expect, it } from 'vitest';

describe('a password', () => {
  const user = { name: 'contoso-admin', email: 'Admin.Jones@contoso.example' };
  it.each([
    ['elevenchars', ['tooShort']],
    ['twelve chars', []],
    ['şifremi unutm', []],
    ['𝔘𝔫𝔦𝔠𝔬𝔡𝔢 is fine', []],
    ['a\u0301'.repeat(12), ['tooCommon']],
    ['correct horse battery', []],
    [`correct ${'horse '.repeat(169)}xx`, []],
    [`correct ${'horse '.repeat(170)}`, ['tooLong']],
    ['ﷺ'.repeat(330), ['tooLong']],
    ['Contoso-Admin', ['isName']],
    ['ADMIN.JONES@CONTOSO.EXAMPLE', ['isName']],
    ['admin.jonesadmin.jones', ['isName']],
    ['contoso-admin!', []],
    ['Password1234', ['tooCommon']],
    ['ｐａｓｓｗｏｒｄ１２３４', ['tooCommon']],
    ['abababababab', ['tooCommon']],
    ['', ['tooShort', 'tooCommon']],
  ])('%s', (password, faults) => {
    expect(passwordFaults(password, user)).toEqual(faults);
  });
});

describe('the slow-down', () => {
  it('begins with the fifth failure, doubles, and ends at a quarter of an hour', () => {
    const waits = Array.from({ length: 20 }, (_, at) => waitAfter(at + 1) / 1000);
    expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900, 900]);
    expect(waitAfter(Number.MAX_SAFE_INTEGER)).toBe(900_000);
  });

  it('lets an attempt through when the wait is over, and forgets after an hour', () => {
    let failed: Failed = { failedAttempts: 0, slowedUntilMs: null };
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      failed = afterAttempt(failed, failed.slowedUntilMs ?? 0);
    }
    expect(failed).toEqual({ failedAttempts: 6, slowedUntilMs: 3_000 });
    expect([1_000, 2_999, 3_000, 9_000].map((now) => secondsLeft(failed, now))).toEqual([2, 1, 0, 0]);
    expect(afterAttempt(failed, 3_603_000).failedAttempts).toBe(7);
    expect(afterAttempt(failed, 3_603_001)).toEqual({ failedAttempts: 1, slowedUntilMs: 3_603_001 });
  });

  it('of an address begins later, takes a network of IPv6 for one, and ends at a minute', () => {
    const brake = new AddressBrake();
    for (let failure = 1; failure <= 20; failure += 1) brake.noteFailure('192.0.2.7', 0);
    expect(brake.secondsLeft('192.0.2.7', 0)).toBe(0);
    for (let failure = 1; failure <= 30; failure += 1) brake.noteFailure('192.0.2.7', 0);
    expect([brake.secondsLeft('192.0.2.7', 0), brake.secondsLeft('192.0.2.8', 0)]).toEqual([60, 0]);
    for (let failure = 1; failure <= 23; failure += 1) brake.noteFailure(`2001:db8::${failure}`, 0);
    const addresses = ['2001:db8:0:0:9::1', '2001:db8::', '2001:db8:0:1::1', '::1', '::ffff:192.0.2.8'];
    expect(addresses.map((address) => brake.secondsLeft(address, 0))).toEqual([4, 4, 0, 0, 0]);
    // However many come, the memory is bounded, and who has failed lately is forgotten last.
    for (let other = 0; other < 9_999; other += 1) brake.noteFailure(`10.${other >> 8}.${other & 255}.1`, 0);
    brake.noteFailure('2001:db8::1', 0);
    for (let other = 0; other < 9_000; other += 1) brake.noteFailure(`11.${other >> 8}.${other & 255}.1`, 0);
    expect([brake.secondsLeft('192.0.2.7', 0), brake.secondsLeft('2001:db8::1', 0)]).toEqual([0, 8]);
  });
});

describe('a code of the second factor', () => {
  // RFC 6238, appendix B, with the last six of its eight digits: "12345678901234567890" as the secret.
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  const vectors = [
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ] as const;

  it.each(vectors)('at %i seconds is %s', (seconds, code) => {
    expect(codeAt(secret, seconds * 1000)).toBe(code);
    expect(stepOfCode(secret, code, seconds * 1000)).toBe(Math.floor(seconds / 30));
  });

  it('holds one step before and after its own, however it is written, and no longer', () => {
    const nowMs = 1_234_567_890_000;
    const step = Math.floor(nowMs / 30_000);
    const seen = [-2, -1, 0, 1, 2].map((by) => stepOfCode(secret, codeAt(secret, nowMs + by * 30_000), nowMs));
    expect(seen).toEqual([undefined, step - 1, step, step + 1, undefined]);
    expect(stepOfCode(secret, ' 005 924 ', nowMs)).toBe(step);
    for (const wrong of ['', '5924', '0059240', '٠٠٥٩٢٤', '00592a', '1e5', '-05924x']) {
      expect(stepOfCode(secret, wrong, nowMs)).toBeUndefined();
    }
  });

  it('is learned by an address that names exchange and user', () => {
    expect(otpAddress(secret, 'Cosell', 'ayşe@contoso.example')).toBe(
      `otpauth://totp/Cosell:ay%C5%9Fe%40contoso.example?issuer=Cosell&secret=${secret}&algorithm=SHA1&digits=6&period=30`,
    );
  });
});
