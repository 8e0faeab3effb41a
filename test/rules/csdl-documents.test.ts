import { createRequire } from 'node:module';
import { referralEntityModel } from '@cosell/model';
import { csdl, csdlJson, type EntityModel, pathsOf, recordOf } from '@cosell/odata';
import { routes } from '@cosell/server';
import { describeService } from '@cosell/server/http/metadata';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';

const require = createRequire(import.meta.url);
/** The converter of OASIS, which has no types of its own. */
const { xml2json } = require('odata-csdl') as { xml2json(xml: string): Record<string, unknown> };
const isCsdl = new Ajv({ strict: false, allErrors: true, logger: false }).compile(
  require('odata-csdl/schemas/csdl.schema.json') as object,
);

/** XML refers to vocabularies in XML, JSON to those in JSON. */
const inJson = (document: Record<string, unknown>) =>
  JSON.parse(JSON.stringify(document).replaceAll(/(Org\.OData\.\w+\.V1)\.xml"/g, '$1.json"')) as unknown;

/** A model with every kind of annotation, and characters that XML reserves. */
const annotated: EntityModel = {
  ...referralEntityModel(),
  annotations: [
    { term: 'Core.Description', value: `<&>"' é 😀` },
    { term: 'Capabilities.BatchSupported', value: false },
    { term: 'Capabilities.SupportedFormats', value: [] },
  ],
  entitySets: [
    {
      name: 'Referrals',
      type: 'Referral',
      annotations: [
        { term: 'Core.OptimisticConcurrency', value: pathsOf(['eTag', 'customerProfile/name']) },
        {
          term: 'Capabilities.SearchRestrictions',
          value: recordOf({
            Searchable: true,
            Description: 'a < b',
            UnsupportedExpressions: { kind: 'members', type: 'Capabilities.SearchExpressions', names: ['OR', 'NOT'] },
            Within: recordOf({ most: 5, all: [recordOf({ one: true }), recordOf({})], none: [] }),
          }),
        },
        { term: 'Aggregation.ApplySupported', value: recordOf({ Transformations: ['filter', 'groupby'] }) },
      ],
    },
  ],
};

describe.each([
  ['with extensions', describeService(routes, true)],
  ['without extensions', describeService(routes, false)],
  [
    'with annotations of every kind',
    { xml: { body: csdl(annotated) }, json: { body: JSON.stringify(csdlJson(annotated)) } },
  ],
])('$metadata %s', (_title, { xml, json }) => {
  const document = JSON.parse(json.body) as Record<string, unknown>;

  it('is CSDL JSON, by the JSON Schema of OASIS', () => {
    const isValid = isCsdl(document);
    expect(isCsdl.errors ?? []).toEqual([]);
    expect(isValid).toBe(true);
  });

  it('says the same in XML and in JSON, by the converter of OASIS', () => {
    expect(inJson(xml2json(xml.body))).toEqual(document);
  });

  it('refers to every vocabulary that it speaks, and to no other', () => {
    const spoken = new Set([...json.body.matchAll(/"@(\w+)\.\w+"/g)].map(([, alias]) => alias));
    const referred = [...json.body.matchAll(/"\$Alias":"(\w+)"/g)].map(([, alias]) => alias);
    expect(new Set(referred)).toEqual(spoken);
    expect(referred).toHaveLength(spoken.size);
  });
});

describe('the reader of CSDL JSON', () => {
  it('refuses what is none, so that it is a test', () => {
    expect(isCsdl({ ...csdlJson(annotated), $Version: 4 })).toBe(false);
    expect(isCsdl({ ...csdlJson(annotated), Cosell: { Referral: { $Kind: 'Table' } } })).toBe(false);
  });

  it('has no term of a vocabulary that nobody knows', () => {
    const strange = { ...annotated, annotations: [{ term: 'Strange.Term', value: true }] };
    expect(() => csdl(strange)).toThrow('Strange is the alias of no vocabulary');
    expect(() => csdlJson(strange)).toThrow('Strange is the alias of no vocabulary');
  });
});
