import { type DocumentStep, documentSteps, formatReferral, modelVersion, readReferral, writeAnew } from '@cosell/model';
import { describe, expect, it } from 'vitest';
import { captureText } from '../support/captures.ts';

function written(text: string): string {
  const reading = readReferral(text);
  if ('faults' in reading) throw new Error(JSON.stringify(reading.faults));
  const { beforeLinks, afterLinks } = formatReferral(reading.referral);
  return beforeLinks + afterLinks;
}

describe('a document of an older model', () => {
  it('has a step to each newer model, down to this one', () => {
    expect(documentSteps).toHaveLength(modelVersion);
  });

  it('is written as this model writes it: in its order, with the defaults of what came later', () => {
    const current = written(captureText({ eTag: '"x"' }));
    const members = Object.entries(JSON.parse(current) as object).filter(([name]) => name !== 'isSpam');
    const older = JSON.stringify(Object.fromEntries(members.reverse()));
    const { beforeLinks, afterLinks } = writeAnew(older, 0);
    expect(beforeLinks + afterLinks).toBe(current);
  });

  it('goes through each step once, from its own model on', () => {
    const told: number[] = [];
    const step =
      (from: number): DocumentStep =>
      (document) => {
        told.push(from);
        return document.replace(`"stage${from}"`, `"stage${from + 1}"`);
      };
    const steps = [step(0), step(1), step(2)];
    const older = captureText({}).replace(/}\s*$/, ',"stage1":true}');
    expect(writeAnew(older, 1, steps).afterLinks).toContain('"stage3":true');
    expect(told).toEqual([1, 2]);
  });
});
