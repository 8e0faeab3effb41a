import { formatReferral, readReferral } from '@cosell/model';
import { afterEach, describe, expect, it } from 'vitest';
import { captureText, leastMembers, readWell } from '../support/captures.ts';

function written(text: string): string {
  const { beforeLinks, afterLinks } = formatReferral(readWell(text));
  return beforeLinks + afterLinks;
}

/** A capture with JSON text spliced in, which `JSON.stringify` could not make. */
const captureWith = (json: string) => `${captureText().slice(0, -1)},${json}}`;

describe('names of members', () => {
  it('are read in any case of ASCII letters, at every depth', () => {
    const text = captureText({
      NAME: 'a deal',
      Consent: { ConsentToToShareInfoWithOthers: true },
      customerprofile: { Address: { COUNTRY: 'US' }, TEAM: [{ EMAIL: 'a@b.c' }] },
      details: { Requirements: { Solutions: [{ ID: 'SOL-1' }] } },
    });
    const referral = readWell(text);
    expect(referral.name).toBe('a deal');
    expect(referral.consent?.consentToToShareInfoWithOthers).toBe(true);
    expect(referral.customerProfile?.address?.country).toBe('US');
    expect(referral.customerProfile?.team?.[0]?.email).toBe('a@b.c');
    expect(referral.details?.requirements?.solutions?.[0]?.id).toBe('SOL-1');
    expect(written(text)).not.toMatch(/NAME|TEAM|EMAIL|"Address"/);
  });

  it.each([
    ['d\u0130rection', 'a capital I with a dot'],
    ['d\u0131rection', 'a small i without one'],
    ['Stat\u00fcs', 'an umlaut'],
    ['\u017ftatus', 'a long s'],
    ['mpn\u0399d', 'a Greek iota'],
    ['\u212aind', 'a Kelvin sign'],
    ['status ', 'a space'],
  ])('other letters are other names: %s (%s)', (name) => {
    expect(written(captureText({ [name]: 'kept' }))).toContain(`${JSON.stringify(name)}:"kept"`);
  });

  it.each([
    [{ Name: 'a', name: 'b' }, ['/name']],
    [{ name: null, NAME: 'b' }, ['/NAME']],
    [{ team: [{ Email: 'a', email: 'b', EMAIL: 'c' }] }, ['/team/0/email', '/team/0/EMAIL']],
    [{ consent: { consentToContact: true, ConsentToContact: true } }, ['/consent/ConsentToContact']],
  ])('that differ in case only are ambiguous: %j', (members, pointers) => {
    const reading = readReferral(captureText(members));
    const faults = 'faults' in reading ? reading.faults : [];
    expect(faults.map(({ code }) => code)).toEqual(pointers.map(() => 'ambiguousMember'));
    expect(faults.map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('with an @, and the links, are written by the server that answers', () => {
    const text = captureText({
      '@odata.context': 'x',
      'team@odata.count': 3,
      links: 'not an object',
      team: [{ '@odata.type': 'y', email: 'a@b.c' }],
    });
    expect(written(text)).not.toMatch(/odata|not an object/);
    expect(written(captureText({ Links: 7, LINKS: 8 }))).not.toMatch(/links/i);
  });
});

describe('unknown members', () => {
  it.each([
    [
      'at the top',
      '"offerId":"x","later":{"a":[1,null,{"b":1.50}]}',
      '"offerId":"x","later":{"a":[1,null,{"b":1.50}]}',
    ],
    ['in an object', '"consent":{"z":1,"consentToContact":true,"y":2}', '"z":1,"y":2}'],
    [
      'deep in an object',
      '"details":{"requirements":{"additionalRequirements":{"iot":{"x":[]}}}}',
      '"attachServices":false,"x":[]}',
    ],
    ['in the item of a list', '"team":[{"nick":"J"},{"email":"a"}]', '"nick":"J"}'],
    ['in a list that is not kept apart', '"tags":[{"tag":"a","colour":"red"}]', '[{"tag":"a","colour":"red"}]'],
  ])('are kept %s', (_place, json, expected) => {
    expect(written(captureWith(json))).toContain(expected);
  });

  it('keep every digit of their numbers', () => {
    const json = '"score":12345678901234567890.123,"list":[0.1000,1E+400,-0,{"n":0.30000000000000000000001}]';
    expect(written(captureWith(json))).toContain(json);
    expect(written(captureWith(`"team":[{${json}}]`))).toContain(json);
    expect(written(captureWith(`"exception":{${json}}`))).toContain(`"exception":{${json}}`);
  });

  it('of different letters stand side by side', () => {
    expect(written(captureWith('"Foo":1,"foo":2'))).toContain('"Foo":1,"foo":2');
  });

  it('are kept in their order, numbers as names too', () => {
    expect(written(captureWith('"b":1,"10":2,"a":3,"9":4'))).toContain('"b":1,"10":2,"a":3,"9":4');
  });
});

describe('names that mean something to JavaScript', () => {
  const names = [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'propertyValue',
    'hasOwnProperty',
    '__defineGetter__',
    'then',
    'toJSON',
  ];
  afterEach(() => {
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.prototype.toString.call([])).toBe('[object Array]');
  });

  it.each(names)('%s is kept like any other, at every depth', (name) => {
    const member = `"${name}":{"polluted":true,"${name}":{"polluted":[1.10]}}`;
    expect(written(captureWith(member))).toContain(member);
    const nested = `"customerProfile":{"name":"x",${member},"team":[{"email":"a",${member}}],"address":{${member}}}`;
    expect(written(captureWith(nested)).split(member)).toHaveLength(4);
    expect(written(captureWith(`"exception":{${member}}`))).toContain(member);
  });

  it.each(names)('%s alone is no known member of an object or of a list', (name) => {
    const reading = readReferral(`{"${name}":${JSON.stringify(leastMembers)}}`);
    expect('faults' in reading && reading.faults.map(({ code }) => code)).toEqual(
      Object.keys(leastMembers).map(() => 'missingMember'),
    );
  });
});
