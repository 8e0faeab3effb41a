import type { EntityModel, EnumerationType, PropertyModel, StructuredType } from '@cosell/odata';
import { enumerations } from './enumerations.ts';
import { membersOf, notesFor, type PropertyKind, type PropertySchema } from './property.ts';
import { referralTable } from './referral.ts';

/** What `$metadata` says of the exchange, derived from the table of properties. Ids are Edm.String (decision 28). */
export function referralEntityModel(): EntityModel {
  const complexTypes: StructuredType[] = [];
  const properties = describeMembers(referralTable, 'Referral', complexTypes);
  return {
    namespace: 'Cosell',
    container: 'Exchange',
    enumerations: enumerationTypes(),
    complexTypes,
    entityTypes: [{ name: 'Referral', key: 'id', properties, isOpen: true }],
    entitySets: [{ name: 'Referrals', type: 'Referral' }],
  };
}

function enumerationTypes(): EnumerationType[] {
  return Object.entries(enumerations).map(([name, members]) => ({ name, members }));
}

function describeMembers(schema: PropertySchema, owner: string, found: StructuredType[]): PropertyModel[] {
  // What has no documented shape is not declared; the types are open, so it may appear all the same.
  const declared = membersOf(schema).filter(([, member]) => notesFor(member).kind !== 'anything');
  return declared.map(([name, member]) => {
    const notes = notesFor(member);
    return {
      name,
      type: typeOf(member, owner, name, found),
      isCollection: notes.kind === 'list',
      isNullable: notes.absent === null,
      ...(notes.kind === 'amount' ? { precision: 18, scale: 4 } : {}),
      ...(notes.kind === 'instant' || notes.kind === 'date' ? { precision: 7 } : {}),
      ...(member.description === undefined ? {} : { description: member.description }),
      ...(notes.write === 'server' ? { isComputed: true } : {}),
      ...(notes.filterable === true ? { isFilterable: true } : {}),
      ...(notes.sortable === true ? { isSortable: true } : {}),
    };
  });
}

const primitiveTypes = {
  id: 'Edm.String',
  text: 'Edm.String',
  flag: 'Edm.Boolean',
  amount: 'Edm.Decimal',
  instant: 'Edm.DateTimeOffset',
  date: 'Edm.DateTimeOffset',
} as const satisfies Partial<Record<PropertyKind, string>>;

function typeOf(schema: PropertySchema, owner: string, name: string, found: StructuredType[]): string {
  const { kind, enumeration, typeName } = notesFor(schema);
  if (kind === 'choice') return enumeration ?? 'Edm.String';
  if (kind !== 'record' && kind !== 'list') return primitiveTypes[kind as keyof typeof primitiveTypes];
  const own = typeName ?? `${owner === 'Referral' ? '' : owner}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  if (!found.some((type) => type.name === own)) {
    found.push({ name: own, properties: describeMembers(schema, own, found), isOpen: true });
  }
  return own;
}
