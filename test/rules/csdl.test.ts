import { enumerations, membersOf, referralEntityModel, referralTable } from '@cosell/model';
import { csdl, csdlJson, type EntityModel } from '@cosell/odata';
import { describe, expect, it } from 'vitest';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
}

/** A strict reader of the XML that a metadata document needs: a declaration, elements, attributes and white space. */
function readXml(text: string): Element {
  const root: Element = { name: '', attributes: {}, children: [] };
  const open = [root];
  let rest = text.replace(/^<\?xml version="1\.0" encoding="utf-8"\?>\n/, '');
  expect(rest).not.toBe(text);
  while (rest !== '') {
    const [token = '', closing, name = '', attributeText = '', empty] =
      /^(?:<(\/?)([A-Za-z:]+)((?: [A-Za-z:]+="(?:[^<&"]|&#\d+;)*")*)(\/?)>|(?:[^<&]|&#\d+;)+)/.exec(rest) ?? [];
    if (token === '') throw new Error(`not XML: ${rest.slice(0, 80)}`);
    rest = rest.slice(token.length);
    if (name === '') continue;
    if (closing === '/') {
      expect(open.pop()?.name).toBe(name);
      continue;
    }
    const pairs = [...attributeText.matchAll(/ ([A-Za-z:]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
      key,
      unescapeXml(value),
    ]);
    const attributes = Object.fromEntries(pairs) as Record<string, string>;
    expect(pairs).toHaveLength(Object.keys(attributes).length);
    const element = { name, attributes, children: [] };
    open.at(-1)?.children.push(element);
    if (empty !== '/') open.push(element);
  }
  expect(open).toEqual([root]);
  return root;
}

const unescapeXml = (text: string) =>
  text.replace(/&#(\d+);/g, (_match, code: string) => String.fromCharCode(Number(code)));

function findAll(element: Element, name: string): Element[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...findAll(child, name)]);
}

/** What both forms say of a type's property, in one form. */
type Said = Record<string, string | boolean | undefined>;

function propertiesOfXml(text: string): Record<string, Record<string, Said>> {
  const types = [...findAll(readXml(text), 'ComplexType'), ...findAll(readXml(text), 'EntityType')];
  return Object.fromEntries(
    types.map((type) => [
      type.attributes.Name ?? '',
      Object.fromEntries(
        findAll(type, 'Property').map(({ attributes, children }) => {
          const [, item] = /^Collection\((.*)\)$/.exec(attributes.Type ?? '') ?? [];
          const note = (term: string) => children.find((child) => child.attributes.Term === term)?.attributes;
          return [
            attributes.Name ?? '',
            {
              type: item ?? attributes.Type,
              isCollection: item !== undefined,
              isNullable: attributes.Nullable !== 'false',
              precision: attributes.Precision,
              scale: attributes.Scale,
              description: note('Core.Description')?.String,
              isComputed: note('Core.Computed')?.Bool === 'true',
            },
          ];
        }),
      ),
    ]),
  );
}

function propertiesOfJson(document: Record<string, unknown>, namespace: string): Record<string, Record<string, Said>> {
  const types = Object.entries(document[namespace] as Record<string, Record<string, unknown>>).filter(([, type]) =>
    ['ComplexType', 'EntityType'].includes(String(type.$Kind)),
  );
  const text = (value: unknown) => (value === undefined ? undefined : String(value));
  return Object.fromEntries(
    types.map(([name, type]) => [
      name,
      Object.fromEntries(
        Object.entries(type)
          .filter(([member]) => !member.startsWith('$'))
          .map(([member, value]) => {
            const said = value as Record<string, unknown>;
            return [
              member,
              {
                type: text(said.$Type) ?? 'Edm.String',
                isCollection: said.$Collection === true,
                isNullable: said.$Nullable === true,
                precision: text(said.$Precision),
                scale: text(said.$Scale),
                description: text(said['@Core.Description']),
                isComputed: said['@Core.Computed'] === true,
              },
            ];
          }),
      ),
    ]),
  );
}

const model = referralEntityModel();
const xmlText = csdl(model);
const json = csdlJson(model);

describe('the metadata of the exchange', () => {
  it('is well-formed XML', () => {
    const [edmx] = readXml(xmlText).children;
    expect(edmx).toMatchObject({ name: 'edmx:Edmx', attributes: { Version: '4.0' } });
    expect(findAll(readXml(xmlText), 'Schema')).toHaveLength(1);
  });

  it('says the same of every property in XML and in JSON', () => {
    const properties = propertiesOfXml(xmlText);
    expect(properties).toEqual(propertiesOfJson(json, 'Cosell'));
    expect(Object.keys(properties).length).toBeGreaterThan(15);
  });

  it('has the members of a referral in the order of the wire', () => {
    expect(Object.keys(propertiesOfXml(xmlText).Referral ?? {})).toEqual(
      // What has no documented shape is not declared; the type is open.
      membersOf(referralTable).flatMap(([name]) => (name === 'exception' ? [] : [name])),
    );
  });

  it('numbers the values of enumerations alike in XML and in JSON', () => {
    const schema = json.Cosell as Record<string, Record<string, unknown>>;
    const types = findAll(readXml(xmlText), 'EnumType');
    expect(types.map(({ attributes }) => attributes.Name)).toEqual(Object.keys(enumerations));
    for (const { attributes, children } of types) {
      const members = Object.fromEntries(
        children.map((child) => [child.attributes.Name, Number(child.attributes.Value)]),
      );
      expect({ $Kind: 'EnumType', ...members }).toEqual(schema[attributes.Name ?? '']);
    }
  });

  it('declares every type that it names', () => {
    const declared = new Set(
      ['EnumType', 'ComplexType', 'EntityType'].flatMap((kind) =>
        findAll(readXml(xmlText), kind).map(({ attributes }) => `Cosell.${attributes.Name}`),
      ),
    );
    const named = Object.values(propertiesOfXml(xmlText)).flatMap((type) =>
      Object.values(type).map(({ type: name }) => String(name)),
    );
    expect(named.filter((name) => !name.startsWith('Edm.') && !declared.has(name))).toEqual([]);
  });

  it('has the entity set, its key and its types as documented', () => {
    const properties = propertiesOfXml(xmlText).Referral ?? {};
    expect(findAll(readXml(xmlText), 'EntitySet').map(({ attributes }) => attributes)).toEqual([
      { Name: 'Referrals', EntityType: 'Cosell.Referral' },
    ]);
    expect(findAll(readXml(xmlText), 'PropertyRef').map(({ attributes }) => attributes.Name)).toEqual(['id']);
    expect(json).toMatchObject({
      $Version: '4.0',
      $EntityContainer: 'Cosell.Exchange',
      Cosell: {
        Exchange: { Referrals: { $Collection: true, $Type: 'Cosell.Referral' } },
        Referral: { $Key: ['id'], $OpenType: true },
      },
    });
    expect(properties.id).toMatchObject({ type: 'Edm.String', isNullable: false, isComputed: true });
    expect(properties.engagementId).toMatchObject({ type: 'Edm.String', isNullable: false });
    expect(properties.status).toMatchObject({ type: 'Cosell.ReferralStatus', isNullable: false });
    expect(properties.createdDateTime).toMatchObject({ type: 'Edm.DateTimeOffset', precision: '7' });
    expect(properties.team).toMatchObject({ type: 'Cosell.Member', isCollection: true, isNullable: false });
    expect(properties.exception).toBeUndefined();
    expect(propertiesOfXml(xmlText).Details?.dealValue).toMatchObject({
      type: 'Edm.Decimal',
      precision: '18',
      scale: '4',
    });
  });

  it('gives one name to one shape', () => {
    const names = [...model.complexTypes, ...model.entityTypes, ...model.enumerations].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    // Two objects may share a type name only when they have the same members.
    const shapes = new Map<string, string>();
    for (const { name, properties } of model.complexTypes)
      shapes.set(name, properties.map((property) => property.name).join());
    expect(shapes.get('Member')).toBe(
      'firstName,lastName,phoneNumber,email,title,contactPreference,linkedInProfileUrl,emailValidationStatus,phoneValidationStatus',
    );
  });
});

describe('any entity model', () => {
  it('may hold what XML reserves', () => {
    const awkward: EntityModel = {
      namespace: 'A',
      container: 'C',
      enumerations: [{ name: 'E', members: ['x'] }],
      complexTypes: [
        {
          name: 'T',
          properties: [
            { name: 'p', type: 'Edm.String', isCollection: true, isNullable: true, description: `<&>"' é 😀` },
            { name: 'q', type: 'E', isCollection: false, isNullable: false, isComputed: true },
          ],
        },
      ],
      entityTypes: [],
      entitySets: [],
    };
    expect(propertiesOfXml(csdl(awkward))).toEqual(propertiesOfJson(csdlJson(awkward), 'A'));
    expect(propertiesOfXml(csdl(awkward)).T?.p?.description).toBe(`<&>"' é 😀`);
    expect(propertiesOfXml(csdl(awkward)).T?.q?.type).toBe('A.E');
  });
});
