import {
  type Difference,
  differencesBetween,
  formatReferral,
  mergeGiven,
  patchReferral,
  type Referral,
  type ReferralOperation,
  readPatch,
  readStored,
} from '@cosell/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captures, captureText, readWell } from '../support/captures.ts';

/** Laws of differences, PUT and PATCH, tried on any captured referrals (decisions 5, 14 and 15). */

const referrals = captures.map(readWell);
const runs = { numRuns: 150 };

/** What the wire shows of a referral. */
const wireOf = (referral: Referral) => {
  const { beforeLinks, afterLinks } = formatReferral({ ...referral, eTag: '' });
  return beforeLinks + afterLinks;
};
const pointersOf = (differences: readonly Difference[]) => differences.map(({ pointer }) => pointer);
const isWritable = ({ notes }: Difference) => notes.write === 'change';

/** Sets what differs, as a PATCH would. */
const settingOf = (differences: readonly Difference[]): ReferralOperation[] =>
  differences.map(({ pointer, after, notes }) => ({
    op: 'replace',
    path: pointer,
    value: after ?? null,
    access: notes.extension === undefined ? 'documented' : 'extension',
  }));
const patched = (before: Referral, operations: readonly ReferralOperation[]) => {
  const result = patchReferral(before, operations, { allowsExtensions: true });
  if (!('after' in result)) throw new Error(JSON.stringify(result));
  return result.after;
};
const merged = (before: Referral, given: Partial<Referral>) => mergeGiven(before, given, { allowsExtensions: true });

describe('differences', () => {
  it('are none between a referral and itself, a copy, or what is stored of it', () => {
    fc.assert(
      fc.property(captures, (text) => {
        const referral = readWell(text);
        expect(differencesBetween(referral, referral)).toEqual([]);
        expect(differencesBetween(referral, readWell(text))).toEqual([]);
        const { beforeLinks, afterLinks } = formatReferral({ ...referral, eTag: '"x"' });
        expect(pointersOf(differencesBetween(referral, readStored(beforeLinks + afterLinks)))).toEqual(
          referral.eTag === '"x"' ? [] : ['/eTag'],
        );
      }),
      runs,
    );
  });

  it('name what the wire shows differently, whichever way one looks', () => {
    fc.assert(
      fc.property(referrals, referrals, (one, other) => {
        const there = differencesBetween(one, other);
        const back = differencesBetween(other, one);
        expect(pointersOf(back)).toEqual(pointersOf(there));
        expect(back.map(({ before, after }) => [after, before])).toEqual(
          there.map(({ before, after }) => [before, after]),
        );
      }),
      runs,
    );
  });

  it('are none between instants written differently', () => {
    const [one, other] = ['2031-01-01T00:00:00Z', '2031-01-01T01:00:00.000+01:00'];
    const at = (closingDateTime: string) => readWell(captureText({ details: { closingDateTime } }));
    expect(differencesBetween(at(one), at(other))).toEqual([]);
    expect(pointersOf(differencesBetween(at(one), at('2031-01-01T00:00:00.1Z')))).toEqual(['/details/closingDateTime']);
  });
});

describe('a PUT', () => {
  it('of nothing, and of what was read, changes nothing and passes over nothing', () => {
    fc.assert(
      fc.property(referrals, (before) => {
        for (const given of [{}, before]) {
          const { after, ignored } = merged(before, given);
          expect(differencesBetween(before, after)).toEqual([]);
          expect(ignored).toEqual([]);
        }
      }),
      runs,
    );
  });

  it('sent again changes nothing more', () => {
    fc.assert(
      fc.property(referrals, referrals, (before, given) => {
        const once = merged(before, given).after;
        expect(wireOf(merged(once, given).after)).toBe(wireOf(once));
      }),
      runs,
    );
  });

  it('changes what may be changed to what was given, and names all else that was given differently', () => {
    fc.assert(
      fc.property(referrals, referrals, (before, given) => {
        const { after, ignored } = merged(before, given);
        const changes = differencesBetween(before, after);
        expect(changes.every(isWritable)).toBe(true);
        const left = new Set(pointersOf(differencesBetween(after, given as Referral)));
        expect(pointersOf(changes).filter((pointer) => left.has(pointer))).toEqual([]);
        for (const pointer of ignored) expect(left.has(pointer)).toBe(true);
      }),
      runs,
    );
  });

  it('leaves what it was made from alone', () => {
    fc.assert(
      fc.property(captures, referrals, (text, given) => {
        const before = readWell(text);
        merged(before, given);
        expect(wireOf(before)).toBe(wireOf(readWell(text)));
      }),
      runs,
    );
  });
});

describe('a PATCH', () => {
  it('of no operation, and of what is there, changes nothing', () => {
    fc.assert(
      fc.property(referrals, referrals, (before, other) => {
        expect(differencesBetween(before, patched(before, []))).toEqual([]);
        const same = differencesBetween(other, before).filter(isWritable);
        expect(differencesBetween(before, patched(before, settingOf(same)))).toEqual([]);
      }),
      runs,
    );
  });

  it('that sets every difference makes one referral of the other, but for what may not be written', () => {
    fc.assert(
      fc.property(referrals, referrals, (before, wanted) => {
        const differences = differencesBetween(before, wanted);
        const after = patched(before, settingOf(differences.filter(isWritable)));
        expect(pointersOf(differencesBetween(after, wanted))).toEqual(
          pointersOf(differences.filter((difference) => !isWritable(difference))),
        );
      }),
      runs,
    );
  });

  it('in parts is the same as whole', () => {
    fc.assert(
      fc.property(referrals, referrals, fc.nat(), (before, wanted, cut) => {
        const operations = settingOf(differencesBetween(before, wanted).filter(isWritable));
        const at = cut % (operations.length + 1);
        const inParts = patched(patched(before, operations.slice(0, at)), operations.slice(at));
        expect(wireOf(inParts)).toBe(wireOf(patched(before, operations)));
      }),
      runs,
    );
  });

  it('leaves what it was made from alone, also where it fails', () => {
    fc.assert(
      fc.property(captures, referrals, (text, wanted) => {
        const before = readWell(text);
        const operations = settingOf(differencesBetween(before, wanted).filter(isWritable));
        patched(before, operations);
        const lost: ReferralOperation = { op: 'replace', path: '/team/7/email', value: 'x', access: 'documented' };
        const short = { ...before, team: [] };
        expect(
          patchReferral(short, [...operations.filter(({ path }) => path !== '/team'), lost], {
            allowsExtensions: true,
          }),
        ).toHaveProperty('fault');
        expect(wireOf(before)).toBe(wireOf(readWell(text)));
      }),
      runs,
    );
  });

  it('passes over a read-only path whose value it repeats, and refuses another value, all at once', () => {
    const before = readWell(captureText({ name: 'A', quality: 'Good' }));
    const patch = (members: Readonly<Record<string, unknown>>) => {
      const operations = Object.entries(members).map(([path, value]) => ({ op: 'replace', path, value }));
      const { content = [] } = readPatch(JSON.stringify(operations), { unknownProperties: 'refuse' });
      return patchReferral(before, content, { allowsExtensions: false });
    };
    expect(patch({ '/quality': 'Good', '/status': 'New', '/mpnId': null, '/id': before.id })).toMatchObject({
      after: before,
    });
    const refused = patch({ '/quality': 'Bad', '/mpnId': '1', '/name': 'B', '/details/notes': 'fine' });
    expect('faults' in refused && refused.faults.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'readOnlyMember /quality',
      'frozenMember /mpnId',
      'readOnlyMember /name',
    ]);
  });
});
