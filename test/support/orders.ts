import type { BindRules, ColumnLookup, EntityReader, PropertyModel, PropertyPath, Scalar } from '@cosell/odata';

/** A small entity that has nothing to do with referrals: orders with lines. */

function property(name: string, type: string, more: Partial<PropertyModel> = {}): PropertyModel {
  return { name, type, isCollection: false, isNullable: true, isFilterable: true, isSortable: true, ...more };
}

/** The instant that `now()` is. */
export const now = '2026-11-23T12:34:56.7890000Z';

/** How queries of orders are read. */
export const orderRules: BindRules = {
  model: {
    namespace: 'Shop',
    container: 'Shop',
    enumerations: [{ name: 'Colour', members: ['Red', 'Green', 'Blue'] }],
    complexTypes: [
      { name: 'Address', properties: [property('city', 'Edm.String'), property('country', 'Edm.String')] },
      {
        name: 'Line',
        properties: [
          property('sku', 'Edm.String'),
          property('amount', 'Edm.Decimal'),
          property('parts', 'Line', { isCollection: true }),
        ],
      },
    ],
    entityTypes: [
      {
        name: 'Order',
        key: 'id',
        properties: [
          property('id', 'Edm.String'),
          property('name', 'Edm.String'),
          property('stage', 'Edm.String'),
          property('isOpen', 'Edm.Boolean'),
          property('total', 'Edm.Decimal'),
          property('placedAt', 'Edm.DateTimeOffset'),
          property('colour', 'Colour'),
          property('secret', 'Edm.String', { isFilterable: false, isSortable: false }),
          property('address', 'Address', { isFilterable: false }),
          property('lines', 'Line', { isCollection: true }),
          property('notes', 'Line', { isCollection: true, isFilterable: false }),
        ],
      },
    ],
    entitySets: [{ name: 'Orders', type: 'Order' }],
  },
  entityType: 'Order',
  aliases: { sku: { collection: ['lines'], member: 'sku' } },
  readers: {
    id: { read: (text) => [text.toLowerCase()] },
    'lines/sku': { read: (text) => [text.toLowerCase()] },
    stage: { read: (text) => (text === 'half' || text === '50' ? ['50', 'half'] : [text]), takesNumbers: true },
  },
};

/** Where a database would have them. */
export const orderColumns: ColumnLookup = {
  column: ({ scope, segments }) => `${scope === 0 ? 'o' : `item${scope}`}.${segments.join('_')}`,
  items: (collection, alias) => ({ table: collection.join('_'), link: `${alias}.order_id = o.id` }),
};

/** An order in memory, in the form in which it is compared. */
export type Order = Readonly<Record<string, Scalar | null | undefined | object>>;

/** How properties of such an order are reached. */
export const orderReader: EntityReader = {
  value: (owner, { segments }: PropertyPath) => (at(owner, segments) ?? null) as Scalar | null,
  items: (entity, collection) => (at(entity, collection) ?? []) as readonly unknown[],
};

function at(owner: unknown, segments: readonly string[]): unknown {
  return segments.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], owner);
}
