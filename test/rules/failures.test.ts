import { accessChecks, checkOf, Failure, failure, failureRow, failures, faultCodes } from '@cosell/model';
import { statusOf } from '@cosell/server';
import { describe, expect, it } from 'vitest';

const kinds = Object.keys(failures) as (keyof typeof failures)[];

/** The documented codes by status (decision 6). */
const codesByStatus: Readonly<Record<string, readonly number[]>> = {
  invalidRequest: [400, 405, 406, 411, 413, 414, 415, 416, 421, 422, 428, 431, 501],
  unauthenticated: [401],
  accessDenied: [403],
  itemNotFound: [404, 410],
  resourceModified: [409, 423],
  preconditionFailed: [412, 424],
  serviceNotAvailable: [408, 429, 503, 507, 509],
  generalException: [500, 504],
};

describe.each(kinds)('the failure %s', (kind) => {
  const slots = Object.fromEntries(
    [...failures[kind].message.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, `<${name}>`]),
  );

  it('has a status that goes with its documented code', () => {
    expect(codesByStatus[failureRow(kind).code]).toContain(statusOf[kind]);
  });

  it('fills its slots', () => {
    const { message } = new Failure(kind, slots);
    expect(message).not.toMatch(/[{}]/);
    for (const value of Object.values(slots)) expect(message).toContain(value);
  });

  it('says in at most 1,024 characters what happened and what to do', () => {
    const long = Object.fromEntries(Object.keys(slots).map((name) => [name, 'x'.repeat(5_000)]));
    expect(new Failure(kind, long).message.length).toBeLessThanOrEqual(1_024);
    expect(failures[kind].message).toMatch(/^[A-Z].*[.}]$/);
  });
});

describe('a failure', () => {
  it('keeps its kind, its slots and its cause', () => {
    const cause = new Error('why');
    const thrown = failure('directoryRefused', { reason: '$& {reason} $1' }, { cause });
    expect(thrown).toBeInstanceOf(Error);
    expect(thrown).toMatchObject({
      name: 'Failure',
      kind: 'directoryRefused',
      slots: { reason: '$& {reason} $1' },
      cause,
    });
    expect(thrown.message).toBe('The directory was not changed: $& {reason} $1.');
  });
});

it('every fault of a document has one sentence', () => {
  expect(
    Object.values(faultCodes).filter((sentence) => !/^[A-Z][^.]+\.$|^[A-Z].*\(18,4\) keeps\.$/.test(sentence)),
  ).toEqual([]);
});

describe('a check of who may do what', () => {
  it('is named for every refusal with 401 or 403, and each refusal belongs to one check', () => {
    const refused = kinds.filter((kind) => [401, 403].includes(statusOf[kind]));
    const without = refused.filter((kind) => checkOf(kind) === undefined);
    // Metrics are for machines, and forms for browsers, and neither for callers.
    expect(without.toSorted()).toEqual(['formNotOurs', 'metricsNotAllowed']);
    const named = Object.values(accessChecks).flatMap(({ refuses }) => [...refuses]);
    expect(new Set(named).size).toBe(named.length);
    for (const [name, { refuses }] of Object.entries(accessChecks)) {
      for (const kind of refuses) expect(checkOf(kind)).toBe(name);
    }
  });
});
