import { type Column, childTables, referralColumns } from '@cosell/model';
import {
  type ColumnLookup,
  type OrderKey,
  type PropertyPath,
  searchCollection,
  searchMember,
  toSql,
  valueToSql,
} from '@cosell/odata';
import { after, type SortKey } from './keyset.ts';
import type { ListedReferral, ListPage, ListScope } from './list-scope.ts';
import { hasCommonWords, narrowing, onTeam } from './narrowing.ts';
import { upToDate, type Versioned } from './older-documents.ts';
import { searchTable } from './rows.ts';
import { commaSeparated, names, type Sql, sql, type TimedConnection } from './sql.ts';

/** A table that a list is made of: the organisation's own referrals, or what it may read of others'. */
export interface Arm {
  readonly table: 'referrals' | 'referral_views';
  /** What stands behind `from`; the row is `entity`. */
  readonly source: Sql;
  /** Everything that a row must meet, but for its place in the order. */
  readonly conditions: readonly Sql[];
  readonly columns: ColumnLookup;
}

/** Columns that the migrations declare `not null`; null has no place in their order. */
const neverNull = new Set(['id', 'organization_id', 'engagement_id', 'created_at', 'updated_at', 'status', 'substatus', 'type', 'direction']); // biome-ignore format: a list of words

/** One page of a list. The keys are found first and the documents read for this page only. */
export async function listReferrals(
  connection: TimedConnection,
  scope: ListScope,
  page: ListPage,
): Promise<ListedReferral[]> {
  if (page.limit === 0) return [];
  const keys = page.order.map((key) => sortKey(key, connection));
  const walksOrder = isIndexed(page.order) && (await hasCommonWords(connection, scope));
  const arms = armsOf(connection, scope, walksOrder);
  const selects = arms.map((arm) => selectKeys(arm, keys, page));
  const order = commaSeparated(keys.map((key, index) => orderTerm(key, index)));
  const places = sql`${selects.reduce((one, other) => sql`${one} union all ${other}`)}
    order by ${order} limit ${page.limit} offset ${page.skip}`;
  // Keys go out as text, and under other names: the page is sorted by what they are.
  const texts = keys.map((_key, index) => sql`cast(page.${keyName(index)} as text) as ${names(`text${index}`)}`);
  const columns = commaSeparated(texts);
  const rows = await connection.all<Row>(
    arms.length === 1
      ? sql`select page.id, ${columns}, ${documentColumns((name) => sql`own.${names(name)}`)} from (${places}) as page
          join referral_documents as own on own.organization_id = ${scope.organizationId} and own.id = page.id
          order by ${order}`
      : sql`select page.id, ${columns}, ${documentColumns((name) => sql`coalesce(own.${names(name)}, shown.${names(name)})`)}
          from (${places}) as page
          left join referral_documents as own on page.is_view = 0
            and own.organization_id = ${scope.organizationId} and own.id = page.id
          left join referral_views as shown on page.is_view = 1
            and shown.organization_id = ${scope.organizationId} and shown.id = page.id
          order by ${order}`,
  );
  return rows.map((row) => {
    const { id, document, linksOffset, byteLength, eTag, engagementId, modelVersion } = row;
    const values = keys.map((_key, index) => row[`text${index}`] ?? null);
    const stored = { id, document, linksOffset, byteLength, eTag, engagementId, keys: values };
    return upToDate(stored, modelVersion);
  });
}

/** How many referrals a list has. */
export async function countReferrals(connection: TimedConnection, scope: ListScope): Promise<number> {
  let count = 0;
  for (const arm of armsOf(connection, scope)) {
    const query = sql`select count(*) as number from ${arm.source} where ${allOf(arm.conditions)}`;
    const [row] = await connection.all<{ number: number | string }>(query);
    count += Number(row?.number);
  }
  return count;
}

type Row = Omit<ListedReferral, 'keys'> & Versioned & Readonly<Record<`text${number}`, string | null>>;

/** Whether an index has the order, so that its first rows are found without the others. */
function isIndexed([first]: readonly OrderKey[]): boolean {
  const path = first?.value.kind === 'property' ? first.value.property.segments.join('/') : '';
  return path === 'createdDateTime' || path === 'updatedDateTime';
}

/**
 * The tables of a list: what a caller sees of each, and what of that he asks for.
 *
 * @param walksOrder whether its rows are looked at in their order, and not found by what they must have
 */
export function armsOf(connection: TimedConnection, scope: ListScope, walksOrder = false): Arm[] {
  const stillInTime = connection.inTime(sql`entity.id`);
  const { organizationId, engagementId, filter } = scope;
  const tenant = sql`entity.organization_id = ${organizationId}`;
  const ids = walksOrder ? undefined : narrowing(scope, connection);
  const own: Arm = {
    table: 'referrals',
    columns: ownColumns(connection),
    // SQLite keeps the order of a cross join; to PostgreSQL it is a join like any other.
    source: ids === undefined ? sql`referrals as entity` : sql`(${ids}) as narrowed cross join referrals as entity`,
    conditions: [
      stillInTime,
      tenant,
      ...(ids === undefined ? [] : [sql`entity.id = narrowed.id`]),
      ...reachOf(scope),
      noMarketplaceLead,
      ...(filter === undefined ? [] : [toSql(filter, connection.dialect, ownColumns(connection))]),
    ],
  };
  if (engagementId === undefined || filter === undefined) return [own];
  const views: Arm = {
    table: 'referral_views',
    columns: viewColumns(connection),
    source: sql`referral_views as entity`,
    conditions: [
      stillInTime,
      tenant,
      sql`entity.engagement_id = ${engagementId}`,
      // By id, an own record comes before a view of the same id; it is the same here.
      sql`not exists (select 1 from referrals as own where own.organization_id = entity.organization_id
        and own.id = entity.id)`,
      toSql(filter, connection.dialect, viewColumns(connection)),
    ],
  };
  return [own, views];
}

/** What the caller's roles reach of his own organisation's: decision 9, and `canReach` for one referral. */
function reachOf({ organizationId, reach }: ListScope): Sql[] {
  if (reach === undefined) return [];
  const ways: Sql[] = [];
  if (reach.locations.length > 0) ways.push(sql`entity.mpn_id in (${commaSeparated(reach.locations)})`);
  if (reach.teamEmail !== undefined) ways.push(sql`entity.id in (${onTeam(organizationId, reach.teamEmail)})`);
  return ways.length === 0 ? [sql`1 = 0`] : [sql`(${ways.reduce((one, other) => sql`${one} or ${other}`)})`];
}

/** Whether a row is one is written beside its document; only rows that could be one are looked up (decision 11). */
const noMarketplaceLead = sql`(entity.referral_source is null or entity.type <> 'Independent'
  or entity.qualification is null or entity.qualification <> 'Direct'
  or not exists (select 1 from referral_documents as lead where lead.organization_id = entity.organization_id
    and lead.id = entity.id and lead.is_marketplace_lead = 1))`;

function selectKeys({ table, source, conditions }: Arm, keys: readonly SortKey[], page: ListPage): Sql {
  const isView = table === 'referral_views' ? sql`1` : sql`0`;
  const columns = commaSeparated(keys.map(({ column }, index) => sql`${column} as ${keyName(index)}`));
  const place = page.after === undefined ? [] : [after(keys, page.after)];
  return sql`select ${isView} as is_view, entity.id, ${columns} from ${source}
    where ${allOf([...conditions, ...place])}`;
}

function documentColumns(column: (name: string) => Sql): Sql {
  return sql`${column('document')} as document, ${column('links_offset')} as "linksOffset",
    octet_length(${column('document')}) as "byteLength", ${column('etag')} as "eTag",
    ${column('engagement_id')} as "engagementId", ${column('model_version')} as "modelVersion"`;
}

/** Conditions that must all hold. */
export function allOf(conditions: readonly Sql[]): Sql {
  return conditions.reduce((one, other) => sql`${one} and ${other}`);
}

/** A key is the same in both tables: nothing is sorted by the one column whose name differs. */
function sortKey({ value, isDescending }: OrderKey, connection: TimedConnection): SortKey {
  return {
    column: valueToSql(value, connection.dialect, ownColumns(connection)),
    isDescending,
    isNullable:
      value.kind === 'property' ? !neverNull.has(columnAt(value.property.segments).name) : value.kind !== 'count',
    isNumber: value.type === 'integer' || value.type === 'decimal' || value.type === 'duration',
  };
}

/** Nothing comes before everything else (OData 4.01, section 11.2.6.2), which SQLite does and PostgreSQL must be told. */
function orderTerm({ isDescending, isNullable }: SortKey, index: number): Sql {
  const direction = isDescending ? sql`desc` : sql`asc`;
  if (!isNullable) return sql`${keyName(index)} ${direction}`;
  return sql`${keyName(index)} ${direction} nulls ${isDescending ? sql`last` : sql`first`}`;
}

function keyName(index: number): Sql {
  return names(`k${index}`);
}

/** Where the properties of a referral are, for filters on the organisation's own. */
export function ownColumns(connection: Pick<TimedConnection, 'inTime'>): ColumnLookup {
  return columnLookup(connection, (name) => name);
}

/** The same for views: there, the organisation of the key is the reader. */
function viewColumns(connection: TimedConnection): ColumnLookup {
  return columnLookup(connection, (name) => (name === 'organization_id' ? 'owner_organization_id' : name));
}

/** Where properties are, for filters. Items ask for the time as rows do: `any` within `any` looks at very many. */
function columnLookup({ inTime }: Pick<TimedConnection, 'inTime'>, place: (name: string) => string): ColumnLookup {
  return {
    column: ({ scope, segments, collection }: PropertyPath) => {
      if (scope === 0) return `entity.${place(columnAt(segments).name)}`;
      if (collection === searchCollection) return `item${scope}.${searchMember}`;
      const { name } = columnAt(segments, childTable(collection ?? []).columns);
      return `item${scope}.${name === 'email' ? 'email_folded' : name}`;
    },
    items: (collection, alias) => ({
      table: collection === searchCollection ? searchTable : childTable(collection).name,
      link: `${inTime(sql`${names(alias)}.position`).parts.join('')} and ${alias}.organization_id = entity.organization_id and ${alias}.referral_id = entity.id`,
    }),
  };
}

function columnAt(segments: readonly string[], columns: readonly Column[] = referralColumns): Column {
  const path = segments.join('/');
  const found = columns.find((column) => column.path.join('/') === path);
  if (found === undefined) throw new TypeError(`${path} can be filtered by and has no column`);
  return found;
}

function childTable(collection: readonly string[]): (typeof childTables)[number] {
  const path = collection.join('/');
  const found = childTables.find((table) => table.path.join('/') === path);
  if (found === undefined) throw new TypeError(`${path} can be filtered by and has no table`);
  return found;
}
