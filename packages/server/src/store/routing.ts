import type { Directory, Location, RoutingRule } from './directory-entry.ts';
import { type Connection, sql } from './sql.ts';
import type { Transaction } from './store.ts';

/** What a transaction can do to locations and to the rules by which referrals reach them. */
export type RoutingWrites = Pick<
  Transaction,
  'findLocation' | 'listLocations' | 'listRoutingRules' | 'putRoutingRule' | 'removeRoutingRule'
>;

/** Stands in a key for "all", because a key column cannot be null. */
const all = '';

/** Locations, as their columns are. */
export const selectLocations = sql`select organization_id as "organizationId", mpn_id as "mpnId",
  profile_id as "profileId", name, is_active as "isActive" from locations`;

/** A row of a location. */
export interface LocationRow extends Omit<Location, 'isActive'> {
  readonly isActive: number;
}

/** The location of a row. */
export function locationOf(row: LocationRow): Location {
  return { ...row, isActive: row.isActive === 1 };
}

/** The routing rules of all organisations; there are few. */
export async function listRoutingRules(connection: Connection): Promise<Directory['routingRules']> {
  const rows = await connection.all<Omit<RuleRow, 'solutionId' | 'country'> & { solutionId: string; country: string }>(
    sql`select organization_id as "organizationId", solution_id as "solutionId", country, mpn_id as "mpnId"
      from routing_rules order by organization_id, solution_id, country`,
  );
  return rows.map(({ solutionId, country, ...others }) => ({
    ...others,
    solutionId: solutionId === all ? null : solutionId,
    country: country === all ? null : country,
  }));
}

type RuleRow = Directory['routingRules'][number];

/** The statements for locations and routing, alike on both engines. */
export function routingWrites(connection: Connection): RoutingWrites {
  const listLocations = async (organizationId: string) => {
    const own = sql`where organization_id = ${organizationId} and is_active = 1`;
    return (await connection.all<LocationRow>(sql`${selectLocations} ${own} order by mpn_id`)).map(locationOf);
  };
  return {
    async findLocation(profileId) {
      const [row] = await connection.all<LocationRow>(sql`${selectLocations} where profile_id = ${profileId}
        and is_active = 1 and organization_id in (select id from organizations where is_active = 1) limit 1`);
      return row && locationOf(row);
    },

    listLocations,

    async listRoutingRules(organizationId) {
      const active = (await listLocations(organizationId)).map(({ mpnId }) => mpnId);
      const rules = await listRoutingRules(connection);
      return rules.filter((rule) => rule.organizationId === organizationId && active.includes(rule.mpnId));
    },

    putRoutingRule: (organizationId, { solutionId, country, mpnId }: RoutingRule) =>
      connection.run(sql`insert into routing_rules (organization_id, solution_id, country, mpn_id)
        values (${organizationId}, ${solutionId ?? all}, ${country ?? all}, ${mpnId})
        on conflict (organization_id, solution_id, country) do update set mpn_id = excluded.mpn_id`),

    removeRoutingRule: (organizationId, { solutionId, country }) =>
      connection.run(sql`delete from routing_rules where organization_id = ${organizationId}
        and solution_id = ${solutionId ?? all} and country = ${country ?? all}`),
  };
}
