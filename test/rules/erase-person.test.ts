import { erasedText, formatReferral, personEraser, readReferral } from '@cosell/model';
import { describe, expect, it } from 'vitest';
import { captureText } from '../support/captures.ts';

const ann = { firstName: 'Ann', lastName: 'Lee', phoneNumber: '+1 555', email: 'Ann.Lee@Example.com', title: 'CTO' };
const bob = { firstName: 'Bob', lastName: 'Ray', phoneNumber: '+1 556', email: 'bob@example.com', title: null };
const blank = {
  firstName: null,
  lastName: null,
  phoneNumber: null,
  email: null,
  title: null,
  contactPreference: null,
};

/** Erases a person from a captured referral and gives what is then written. */
function erase(email: string, members: Readonly<Record<string, unknown>>) {
  const reading = readReferral(captureText(members));
  if ('faults' in reading) throw new Error(JSON.stringify(reading.faults));
  const { referral, people, mentions } = personEraser(email).eraseFrom(reading.referral);
  const { beforeLinks, afterLinks } = formatReferral(referral);
  const text = beforeLinks + afterLinks;
  const again = readReferral(text);
  expect(again).not.toHaveProperty('faults');
  return { document: JSON.parse(text) as Record<string, Record<string, unknown>>, text, people, mentions };
}

describe('a person', () => {
  it('is blanked in team and contacts, in whichever case, and the others keep their places', () => {
    const { document, text, people } = erase('ann.lee@EXAMPLE.com', {
      team: [bob, { ...ann, linkedInProfileUrl: 'https://example.com/ann', nickname: 'Annie' }],
      customerProfile: { team: [{ ...ann, email: ` ${ann.email} ` }, bob] },
    });
    expect(document.team).toEqual([expect.objectContaining({ email: bob.email }), blank]);
    expect(document.customerProfile?.team).toEqual([blank, expect.objectContaining({ email: bob.email })]);
    expect(people).toBe(2);
    expect(text).not.toMatch(/ann|lee|\+1 555|CTO/i);
  });

  it('is blanked in members that the table does not know, down to the last level', () => {
    const { document, text, people } = erase('ann.lee@example.com', {
      crm: {
        owners: [{ Email: ann.email, displayName: 'Ann Lee', weight: 12345678901234567890n.toString(), rank: 7 }],
      },
      exception: { justification: `as ANN.LEE@example.com says`, askedBy: { email: ann.email, name: 'Ann Lee' } },
    });
    expect(document.crm).toEqual({
      owners: [{ Email: null, displayName: null, weight: '12345678901234567890', rank: 7 }],
    });
    expect(document.exception).toEqual({
      justification: `as ${erasedText} says`,
      askedBy: { email: null, name: null },
    });
    expect(people).toBe(2);
    expect(text).not.toMatch(/ann/i);
  });

  it('is found where the address is written with escapes', () => {
    const reading = readReferral(
      captureText({}).replace(/}\s*$/, ',"more":{"mail":"ann\\u002elee\\u0040example.com"}}'),
    );
    if ('faults' in reading) throw new Error('unreadable');
    const eraser = personEraser('ann.lee@example.com');
    const { referral, mentions } = eraser.eraseFrom(reading.referral);
    const { beforeLinks, afterLinks } = formatReferral(referral);
    expect(beforeLinks + afterLinks).toContain(`"more":{"mail":"${erasedText}"}`);
    expect(mentions).toBe(1);
  });
});

describe('an address in a text', () => {
  it.each([
    ['Ask ann.lee@example.com.', `Ask ${erasedText}.`],
    ['<ANN.LEE@EXAMPLE.COM>, ann.lee@example.com', `<${erasedText}>, ${erasedText}`],
    ['mailto:ann.lee@example.com?x', `mailto:${erasedText}?x`],
    ['- ann.lee@example.com', `- ${erasedText}`],
    ["'ann.lee@example.com'", `'${erasedText}'`],
    ['joann.lee@example.com', 'joann.lee@example.com'],
    ['jo.ann.lee@example.com', 'jo.ann.lee@example.com'],
    ['ann.lee@example.com.au', 'ann.lee@example.com.au'],
    ['ann.lee@example.company', 'ann.lee@example.company'],
    ['annxlee@example.com', 'annxlee@example.com'],
  ])('%s becomes %s', (before, after) => {
    const { document, mentions, people } = erase('ann.lee@example.com', { details: { notes: before } });
    expect(document.details?.notes).toBe(after);
    expect(people).toBe(0);
    expect(mentions).toBe(after.split(erasedText).length - 1);
  });

  it('may hold what means something in a pattern', () => {
    expect(personEraser('a+b(c)$&@x.example').eraseText('to a+b(c)$&@x.example')).toBe(`to ${erasedText}`);
  });
});

describe('a document', () => {
  it('that names nobody is left as it is, and needs no look', () => {
    const text = captureText({ team: [bob], details: { notes: 'joann.lee@example.org' } });
    expect(personEraser('ann.lee@example.com').mayBeIn(text)).toBe(false);
    const { document, people, mentions } = erase('ann.lee@example.com', { team: [bob] });
    expect([people, mentions]).toEqual([0, 0]);
    expect(document.team).toEqual([expect.objectContaining(bob)]);
  });
});
