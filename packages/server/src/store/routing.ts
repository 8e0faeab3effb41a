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

const selectLocations = sql`select organization_id as "organizationId", mpn_id as "mpnId", profile_id as "profileId", name
  from locations`;

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
  return {
    async findLocation(profileId) {
      const rows = await connection.all<Location>(sql`${selectLocations} where profile_id = ${profileId} limit 1`);
      return rows[0];
    },

    listLocations: (organizationId) =>
      connection.all(sql`${selectLocations} where organization_id = ${organizationId} order by mpn_id`),

    async listRoutingRules(organizationId) {
      return (await listRoutingRules(connection)).filter((rule) => rule.organizationId === organizationId);
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
