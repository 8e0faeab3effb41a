import { formatReferral, membersOf, notesFor, type PropertySchema, referralTable } from '@cosell/model';
import { formatInstantFixed, parseInstant } from '@cosell/odata';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captures, captureText, documentedPair, readWell } from '../support/captures.ts';
import { exactJson } from '../support/exact-json.ts';

type Members = Record<string, unknown>;

/** Whether two values of one kind are the same on the wire: dates by their moment, everything else exactly. */
function isSame(kind: string, one: unknown, other: unknown): boolean {
  if (kind !== 'instant' && kind !== 'date') return JSON.stringify(one) === JSON.stringify(other);
  const [before, after] = [parseInstant(String(one)), parseInstant(String(other))];
  if (before === undefined || after === undefined) return one === other;
  return formatInstantFixed(before) === formatInstantFixed(after);
}

/** Where an answer differs from its capture, apart from what decision 32 lets differ. */
function differences(schema: PropertySchema, capture: Members, answer: Members, path = ''): string[] {
  const known = new Map(membersOf(schema));
  const names = new Set([...Object.keys(capture), ...Object.keys(answer)]);
  return [...names].flatMap((name) => {
    const place = `${path}/${name}`;
    if (place === '/links' || name.includes('@')) return [];
    const member = known.get(name);
    if (member === undefined) return isSame('', capture[name], answer[name]) ? [] : [place];
    const notes = notesFor(member);
    const [before, after] = [Object.hasOwn(capture, name) ? capture[name] : undefined, answer[name]];
    // Row 2 adds what was not there, null among it, with its default.
    if (notes.emit === 'always' && (before === undefined || before === null)) {
      if (notes.kind === 'record' && notes.absent !== null) return differences(member, {}, after as Members, place);
      return isSame('', after, notes.absent) ? [] : [place];
    }
    if (notes.kind === 'record' && before !== null && typeof before === 'object') {
      return differences(member, before as Members, after as Members, place);
    }
    if (notes.kind === 'list') {
      const [items, sent] = [before as Members[], after as Members[]];
      if (items.length !== sent.length) return [place];
      return items.flatMap((item, index) => differences(member, item, sent[index] ?? {}, `${place}/${index}`));
    }
    return isSame(notes.kind, before, after) ? [] : [place];
  });
}

function roundTrip(text: string): string[] {
  const { beforeLinks, afterLinks } = formatReferral(readWell(text));
  return differences(referralTable, exactJson(text) as Members, exactJson(beforeLinks + afterLinks) as Members);
}

describe('a captured referral comes back as it was', () => {
  it.each(documentedPair.map((text, index) => [index === 0 ? "Contoso's" : "Microsoft's", text]))(
    '%s record of the documented pair',
    (_owner, text) => {
      expect(roundTrip(text)).toEqual([]);
    },
  );

  it('down to the last byte, where the capture is in the form of the wire already', () => {
    const value = JSON.parse(documentedPair[0]) as Members;
    const compact = JSON.stringify({ ...value, links: undefined });
    const { beforeLinks, afterLinks } = formatReferral(readWell(documentedPair[0]));
    expect(beforeLinks + afterLinks).toBe(compact);
  });

  it('whatever it holds', () => {
    fc.assert(
      fc.property(captures, (text) => {
        expect(roundTrip(text)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [{ name: 'a' }, { name: 'b' }, '/name'],
    [{ details: { dealValue: 1 } }, { details: { dealValue: 1.0001 } }, '/details/dealValue'],
    [{ closedDateTime: '2020-01-01' }, { closedDateTime: '2020-01-01T00:00:00.0000001Z' }, '/closedDateTime'],
    [{ team: [{}] }, { team: [] }, '/team'],
    [{ x: 1 }, {}, '/x'],
    [{ consent: { consentToContact: true } }, {}, '/consent/consentToContact'],
  ])('and the comparison sees a difference: %j is not %j', (one, other, place) => {
    const { beforeLinks, afterLinks } = formatReferral(readWell(captureText(other)));
    const answer = exactJson(beforeLinks + afterLinks) as Members;
    expect(differences(referralTable, exactJson(captureText(one)) as Members, answer)).toEqual([place]);
  });
});
