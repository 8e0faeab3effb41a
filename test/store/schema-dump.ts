import type { Place } from '../support/engines.ts';
import { rowsOf } from './rows-of.ts';

/** The schema of a migrated database as text that is the same on every machine and version. */
export async function dumpSchema(place: Place): Promise<string> {
  return place.at.databaseUrl === undefined ? dumpSqlite(place) : dumpPostgres(place);
}

/** SQLite keeps the statements as they were given. What it makes for an index of words is its own. */
async function dumpSqlite(place: Place): Promise<string> {
  const rows = await rowsOf(
    place,
    `select sql from sqlite_schema where sql is not null and name not like 'sqlite_%'
      and tbl_name not in (select name from pragma_table_list where type = 'shadow')
      order by tbl_name, case type when 'table' then 0 else 1 end, name`,
  );
  return rows.map(({ sql }) => `${sql};\n`).join('\n');
}

async function dumpPostgres(place: Place): Promise<string> {
  const tables = await rowsOf(
    place,
    `select c.oid::text as oid, c.relname as name from pg_catalog.pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
      order by c.relname collate "C"`,
  );
  const [columns, constraints, others] = await Promise.all([
    rowsOf(place, columnsOf),
    rowsOf(place, constraintsOf),
    rowsOf(place, othersOf),
  ]);
  const texts = tables.map(({ oid, name }) => {
    const lines = [...columns, ...constraints].filter((row) => row.oid === oid).map(({ line }) => `  ${line}`);
    const rest = others.filter((row) => row.oid === oid).map(({ line }) => `${line}\n`);
    return `table ${name}\n${lines.join('\n')}\n${rest.join('')}`;
  });
  return [...texts, await functionsOf(place)].join('\n');
}

async function functionsOf(place: Place): Promise<string> {
  const rows = await rowsOf(
    place,
    `select pg_get_functiondef(oid) as text from pg_catalog.pg_proc where pronamespace = 'public'::regnamespace
      order by proname collate "C"`,
  );
  return rows.map(({ text }) => `${text}\n`).join('\n');
}

const columnsOf = `select a.attrelid::text as oid, a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
      || case when a.attcollation <> t.typcollation then ' collate "' || l.collname || '"' else '' end
      || case when a.attnotnull then ' not null' else '' end
      || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as line
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_type t on t.oid = a.atttypid
    left join pg_catalog.pg_collation l on l.oid = a.attcollation
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attnum > 0 and not a.attisdropped order by a.attnum`;

/** PostgreSQL 18 lists `not null` among the constraints, older ones do not; it stands with the columns here. */
const constraintsOf = `select conrelid::text as oid, 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) as line from pg_catalog.pg_constraint
    where contype <> 'n' order by contype, conname collate "C"`;

/** Indexes that no constraint brought, triggers and row-level security. */
const othersOf = `select oid::text, line from (
      select 1 as place, i.indrelid as oid, i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as line
        from pg_catalog.pg_index i where not exists (select from pg_catalog.pg_constraint c where c.conindid = i.indexrelid)
      union all select 2, tgrelid, tgname, pg_get_triggerdef(oid) from pg_catalog.pg_trigger
        where not tgisinternal
      union all select 3, polrelid, polname, 'policy ' || polname || ' for ' || polcmd::text || ' to '
        || array_to_string(array(select role::regrole::text from unnest(polroles) as role order by 1), ', ')
        || ' using ' || coalesce(pg_get_expr(polqual, polrelid), 'true')
        || ' with check ' || coalesce(pg_get_expr(polwithcheck, polrelid), 'the same')
        from pg_catalog.pg_policy
      union all select 4, oid, relname, 'row level security' || case when relforcerowsecurity then ', forced' else '' end
        from pg_catalog.pg_class where relrowsecurity
    ) as found order by place, name collate "C"`;
