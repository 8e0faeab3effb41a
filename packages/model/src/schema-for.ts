import { membersOf, notesFor, type PropertySchema } from './property.ts';
import { referralTable } from './referral.ts';

/** What a JSON Schema of the referral is for. */
export type SchemaUse = 'read' | 'create' | 'put' | 'view';

/** What a POST must have, and nothing else (decision 29). */
export const requiredToCreate: Readonly<Record<string, readonly string[]>> = {
  '': ['type', 'customerProfile', 'consent', 'details'],
  customerProfile: ['name', 'address'],
  'customerProfile.address': ['country'],
};

/**
 * The JSON Schema (2020-12) of a referral for one use: `read` is what the owner gets, `view` what another member of the
 * engagement gets, `create` what a POST takes and `put` what a PUT takes.
 */
export function schemaFor(use: SchemaUse): Record<string, unknown> {
  return objectFor(use, referralTable, '');
}

function objectFor(use: SchemaUse, schema: PropertySchema, path: string): Record<string, unknown> {
  const members = membersOf(schema).filter(([, member]) => belongs(use, member));
  const required =
    use === 'read' || use === 'view'
      ? members.filter(([, member]) => notesFor(member).emit === 'always').map(([name]) => name)
      : use === 'create'
        ? (requiredToCreate[path] ?? [])
        : [];
  return {
    type: 'object',
    properties: Object.fromEntries(
      members.map(([name, member]) => [name, propertyFor(use, member, path === '' ? name : `${path}.${name}`)]),
    ),
    ...(required.length === 0 ? {} : { required: [...required] }),
  };
}

function belongs(use: SchemaUse, schema: PropertySchema): boolean {
  const { write, share } = notesFor(schema);
  if (use === 'create' || use === 'put') return write === 'create' || write === 'change';
  return use === 'read' || share !== 'never';
}

function propertyFor(use: SchemaUse, schema: PropertySchema, path: string): Record<string, unknown> {
  const { 'x-property': notes, properties, items, ...plain } = schema;
  const readOnly = notes?.write === 'server' && use === 'read' ? { readOnly: true } : {};
  if (notes?.kind === 'record') return { ...plain, ...objectFor(use, schema, path), type: plain.type, ...readOnly };
  // Others see a list whole or not at all, so its items are the owner's.
  const itemUse = use === 'view' ? 'read' : use;
  if (notes?.kind === 'list') return { ...plain, items: objectFor(itemUse, schema, `${path}[]`), ...readOnly };
  return { ...plain, ...readOnly };
}
