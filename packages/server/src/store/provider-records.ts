import type { ProviderRecord } from './provider-record.ts';
import { type Connection, sql } from './sql.ts';

/** By what a record is found. */
export type ProviderKey = 'id' | 'uid' | 'userCode';

/** What the built-in provider reads: its records, and whose a tenant is. */
export interface ProviderReads {
  /** A record, also one that has ended and is not cleaned up yet. */
  findRecord(model: string, by: ProviderKey, value: string): Promise<ProviderRecord | undefined>;
  /** When the first record ends or has ended; undefined where none does. */
  firstEnd(): Promise<number | undefined>;
  /** The organisation of a tenant, where it is active. */
  findTenant(id: string): Promise<{ readonly organizationId: string } | undefined>;
  /** The tenants of an organisation, in the order of ids. */
  listTenants(organizationId: string): Promise<string[]>;
}

/** What a transaction can do to the records. */
export interface ProviderWrites {
  /** Keeps a record of the built-in provider; one that was used up stays so. */
  putProviderRecord(record: Omit<ProviderRecord, 'consumedAt'>): Promise<void>;
  /** Uses a record up. Gives false where it was before, or is not there. */
  consumeProviderRecord(model: string, id: string, at: number): Promise<boolean>;
  removeProviderRecord(model: string, id: string): Promise<void>;
  /** Removes all records that belong to a grant. */
  removeProviderGrant(grantId: string): Promise<void>;
  /** Lets a record end later than it would. */
  extendProviderRecord(model: string, id: string, expiresAt: number): Promise<void>;
  /** Ends all records of a kind that belong to an account, or only those of one program. Gives how many there were. */
  endProviderRecords(model: string, whose: { accountId: string; clientId?: string }, at: number): Promise<number>;
  /** Removes records that ended before an instant, so many at most. Gives how many there were. */
  removeEndedProviderRecords(before: number, most: number): Promise<number>;
}

const columns = { id: sql`id`, uid: sql`uid`, userCode: sql`user_code` } as const;

/** The reads, alike on both engines. */
export function providerReads(
  read: <Result>(work: (connection: Connection) => Promise<Result>) => Promise<Result>,
): ProviderReads {
  return {
    async findRecord(model, by, value) {
      // PostgreSQL takes no zero byte as text, and no id has one.
      if (value.includes('\0')) return undefined;
      const [row] = await read((connection) =>
        connection.all<ProviderRecord>(sql`select model, id, payload, grant_id as "grantId", user_code as "userCode", uid,
          expires_at as "expiresAt", consumed_at as "consumedAt" from provider_records
          where model = ${model} and ${columns[by]} = ${value}`),
      );
      if (row === undefined) return undefined;
      return { ...row, expiresAt: numberOf(row.expiresAt), consumedAt: numberOf(row.consumedAt) };
    },
    async firstEnd() {
      const [row] = await read((connection) =>
        connection.all<{ end: number | string | null }>(
          sql`select min(expires_at) as "end" from provider_records where expires_at is not null`,
        ),
      );
      return row?.end == null ? undefined : Number(row.end);
    },
    async findTenant(id) {
      const [row] = await read((connection) =>
        connection.all<{ organizationId: string }>(sql`select t.organization_id as "organizationId" from tenants t
          join organizations o on o.id = t.organization_id where t.id = ${id} and o.is_active = 1`),
      );
      return row;
    },
    async listTenants(organizationId) {
      const rows = await read((connection) =>
        connection.all<{ id: string }>(
          sql`select id from tenants where organization_id = ${organizationId} order by id`,
        ),
      );
      return rows.map(({ id }) => id);
    },
  };
}

/** The statements that write them, alike on both engines. */
export function providerWrites(connection: Connection): ProviderWrites {
  return {
    putProviderRecord: ({ model, id, payload, grantId, userCode, uid, expiresAt }) =>
      connection.run(sql`insert into provider_records (model, id, payload, grant_id, user_code, uid, expires_at)
        values (${model}, ${id}, ${payload}, ${grantId}, ${userCode}, ${uid}, ${expiresAt})
        on conflict (model, id) do update set payload = excluded.payload, grant_id = excluded.grant_id,
          user_code = excluded.user_code, uid = excluded.uid, expires_at = excluded.expires_at`),
    async consumeProviderRecord(model, id, at) {
      // The row is locked from here on: of two who come at once, the second finds it used up.
      const rows = await connection.all(sql`update provider_records set consumed_at = ${at}
        where model = ${model} and id = ${id} and consumed_at is null returning id`);
      return rows.length > 0;
    },
    removeProviderRecord: (model, id) =>
      connection.run(sql`delete from provider_records where model = ${model} and id = ${id}`),
    removeProviderGrant: (grantId) => connection.run(sql`delete from provider_records where grant_id = ${grantId}`),
    extendProviderRecord: (model, id, expiresAt) =>
      connection.run(sql`update provider_records set expires_at = ${expiresAt}
        where model = ${model} and id = ${id} and expires_at < ${expiresAt}`),
    async endProviderRecords(model, { accountId, clientId }, at) {
      const rows = await connection.all<{ id: string; payload: string }>(
        sql`select id, payload from provider_records where model = ${model} and expires_at > ${at}`,
      );
      const own = rows.filter(({ payload }) => {
        const record = JSON.parse(payload) as { accountId?: string; clientId?: string };
        return record.accountId === accountId && (clientId === undefined || record.clientId === clientId);
      });
      for (const { id } of own) {
        await connection.run(sql`update provider_records set expires_at = ${at} where model = ${model} and id = ${id}`);
      }
      return own.length;
    },
    async removeEndedProviderRecords(before, most) {
      const rows = await connection.all(sql`delete from provider_records where (model, id) in
        (select model, id from provider_records where expires_at < ${before} order by expires_at limit ${most})
        returning id`);
      return rows.length;
    },
  };
}

/** PostgreSQL gives a large whole number as text. */
function numberOf(value: number | string | null): number | null {
  return value === null ? null : Number(value);
}
