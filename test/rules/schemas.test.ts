import {
  enumerations,
  membersOf,
  notesFor,
  type PropertySchema,
  referralTable,
  type SchemaUse,
  schemaFor,
} from '@cosell/model';
import { describe, expect, it } from 'vitest';

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly (string | null)[];
  readonly readOnly?: boolean;
  readonly [name: string]: unknown;
}

const schemaOf = (use: SchemaUse) => schemaFor(use) as Schema;

function at(schema: Schema, path: string): Schema | undefined {
  if (path === '') return schema;
  return path.split('.').reduce<Schema | undefined>((found, name) => {
    const owner = found?.items ?? found;
    return owner?.properties?.[name];
  }, schema);
}

/** Every object of a schema by its path, items of lists as `[]`. */
function objectsOf(schema: Schema, path = ''): [string, Schema][] {
  const own: [string, Schema][] = schema.properties === undefined ? [] : [[path, schema]];
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    objectsOf(member, `${path}/${name}`),
  );
  return [...own, ...below, ...(schema.items === undefined ? [] : objectsOf(schema.items, `${path}[]`))];
}

/** Every path of the table with its notes. */
function walk(schema: PropertySchema, path = ''): { path: string; notes: ReturnType<typeof notesFor> }[] {
  return membersOf(schema).flatMap(([name, member]) => {
    const place = path === '' ? name : `${path}.${name}`;
    return [{ path: place, notes: notesFor(member) }, ...walk(member, place)];
  });
}

describe('the schema for creating', () => {
  const create = schemaOf('create');

  it('requires what decision 29 names and nothing else', () => {
    const required = objectsOf(create).flatMap(([path, { required: names = [] }]) =>
      names.map((name) => `${path}/${name}`),
    );
    expect(required.sort()).toEqual(
      [
        '/type',
        '/customerProfile',
        '/consent',
        '/details',
        '/customerProfile/name',
        '/customerProfile/address',
        '/customerProfile/address/country',
      ].sort(),
    );
  });

  it.each([
    'name',
    'type',
    'engagementId',
    'lastRunId',
    'target',
    'team',
    'inviteContext.notes',
    'details.dealValue',
    'status',
  ])('takes %s', (path) => {
    expect(at(create, path)).toBeDefined();
  });

  it.each([
    'id',
    'organizationId',
    'organizationName',
    'createdDateTime',
    'updatedDateTime',
    'expirationDateTime',
    'acceptedDateTime',
    'closedDateTime',
    'direction',
    'referralSource',
    'callToAction',
    'eTag',
    'links',
    'quality',
    'isSpam',
    'tags',
    'dealSensitivity',
    'createdVia',
    'lastModifiedVia',
    'registrationStatus',
    'trackingInfo',
    'isAutoRegistrationEnabled',
    'exception',
    'registrations.status',
  ])('leaves %s to the server', (path) => {
    expect(at(create, path)).toBeUndefined();
  });
});

describe('the schema for PUT', () => {
  it('requires nothing: what is absent keeps its value', () => {
    expect(objectsOf(schemaOf('put')).filter(([, { required }]) => required !== undefined)).toEqual([]);
  });

  it('has the members of the one for creating', () => {
    const names = (use: SchemaUse) =>
      objectsOf(schemaOf(use)).map(([path, { properties }]) => [path, Object.keys(properties ?? {})]);
    expect(names('put')).toEqual(names('create'));
  });
});

describe('the schema for reading', () => {
  const read = schemaOf('read');

  it.each(walk(referralTable).map(({ path, notes }) => [path, notes] as const))('has %s', (path, notes) => {
    const owner = at(read, path.split('.').slice(0, -1).join('.'));
    const name = path.split('.').at(-1) ?? '';
    expect((owner?.items ?? owner)?.required?.includes(name) ?? false).toBe(notes.emit === 'always');
    expect(at(read, path)?.readOnly === true).toBe(notes.write === 'server');
  });

  it('carries nothing of the table itself', () => {
    for (const use of ['read', 'create', 'put', 'view'] as const) {
      expect(JSON.stringify(schemaFor(use))).not.toContain('x-property');
      expect(schemaFor(use)).toMatchObject({ type: 'object' });
    }
  });

  it('says what every member is', () => {
    const silent = objectsOf(read).flatMap(([path, { properties = {} }]) =>
      Object.entries(properties).flatMap(([name, member]) =>
        typeof member.description === 'string' ? [] : [`${path}/${name}`],
      ),
    );
    expect(silent).toEqual([]);
  });

  it.each(
    walk(referralTable)
      .filter(({ notes }) => notes.kind === 'choice')
      .map(({ path, notes }) => [path, notes] as const),
  )(
    '%s has the values of its enumeration, and null only where null is its default',
    (path, { enumeration, absent }) => {
      const values = enumerations[enumeration as keyof typeof enumerations];
      expect(at(read, path)?.enum).toEqual(absent === null ? [...values, null] : [...values]);
      expect(at(read, path)?.type).toEqual(absent === null ? ['string', 'null'] : 'string');
    },
  );

  it.each([
    ['name', ['string', 'null']],
    ['id', 'string'],
    ['favorite', 'boolean'],
    ['details.customerRequestedContact', ['boolean', 'null']],
    ['details.dealValue', ['number', 'null']],
    ['createdDateTime', ['string', 'null']],
    ['customerProfile', 'object'],
    ['team.contactPreference', ['object', 'null']],
    ['team', 'array'],
  ])('%s is %j', (path, type) => {
    expect(at(read, path)?.type).toEqual(type);
  });
});

describe('the schema of what others read', () => {
  const view = schemaOf('view');

  it.each([
    'id',
    'name',
    'status',
    'consent.consentToContact',
    'customerProfile.address.city',
    'team.email',
    'links.self.uri',
  ])('has %s', (path) => {
    expect(at(view, path)).toBeDefined();
  });

  it.each([
    'details',
    'mpnId',
    'externalReferenceId',
    'customerProfile.size',
    'customerProfile.ids',
    'inviteContext',
    'registrations',
    'quality',
    'exception',
  ])('has no %s', (path) => {
    expect(at(view, path)).toBeUndefined();
  });
});
