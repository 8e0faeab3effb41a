import type pg from 'pg';
import { StartupProblem } from '../startup-problem.ts';
import { hasRowsOfTenants, tables } from '../tables.ts';
import { jobsRole, tenantRole } from './roles.ts';

/** What row-level security says of one table to the role of a connection. */
interface Protection {
  readonly name: string;
  /** Whether it binds the role of this connection: false for a superuser, too. */
  readonly isActive: boolean;
  readonly isForced: boolean;
  readonly policies: readonly string[];
}

const ownRows = "(organization_id = current_setting('cosell.organization_id'::text, true))";

/** The policies of migration 3, as PostgreSQL writes them. */
const expectedPolicies = [`all_rows * ${jobsRole} true true`, `own_rows * ${tenantRole} ${ownRows} ${ownRows}`];

/**
 * Refuses to go on when row-level security does not bind the roles that connections take on, or one of its policies
 * is missing, changed or new.
 *
 * @throws StartupProblem
 */
export async function requireRowSecurity(client: pg.ClientBase): Promise<void> {
  await requirePlainRoles(client);
  const wanted = tables.filter(hasRowsOfTenants).map(({ name }) => name);
  const { rows } = await client.query<Protection>(protectionQuery, [wanted]);
  for (const name of wanted) {
    const fault = faultOf(rows.find((row) => row.name === name));
    if (fault !== undefined) throw unbound(`of the table ${name} ${fault}`);
  }
}

async function requirePlainRoles(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string; isAboveIt: boolean; isCurrent: boolean }>(
    `select rolname as name, rolsuper or rolbypassrls as "isAboveIt", rolname = current_user as "isCurrent"
      from pg_catalog.pg_roles where rolname = any($1)`,
    [[tenantRole, jobsRole]],
  );
  const above = rows.find(({ isAboveIt }) => isAboveIt);
  if (above !== undefined) throw unbound(`the role ${above.name} is a superuser or has BYPASSRLS`);
  if (!rows.some(({ name, isCurrent }) => isCurrent && name === tenantRole)) {
    throw unbound(`the connection did not take on the role ${tenantRole}`);
  }
}

function faultOf(found: Protection | undefined): string | undefined {
  if (found === undefined) return 'there is nothing';
  if (!found.isActive || !found.isForced) return 'it is not enabled and forced';
  if (found.policies.join('; ') === expectedPolicies.join('; ')) return undefined;
  return `the policies are not those of the program (${found.policies.join('; ') || 'there is none'})`;
}

function unbound(reason: string): StartupProblem {
  return new StartupProblem(
    `Row-level security of the database does not bind this program: ${reason}. Undo what was changed by hand; docs/operations.md says what there has to be.`,
  );
}

const protectionQuery = `select wanted.name, row_security_active(c.oid) as "isActive",
    c.relrowsecurity and c.relforcerowsecurity as "isForced",
    array(select polname || ' ' || polcmd::text || case when polpermissive then '' else ' restrictive' end || ' '
        || array_to_string(array(select polrole::regrole::text from unnest(polroles) as polrole order by 1), ',') || ' '
        || pg_get_expr(polqual, polrelid) || ' ' || coalesce(pg_get_expr(polwithcheck, polrelid), 'none')
      from pg_catalog.pg_policy where polrelid = c.oid order by polname) as policies
  from unnest($1::text[]) as wanted (name) join pg_catalog.pg_class c on c.oid = to_regclass(wanted.name)`;
