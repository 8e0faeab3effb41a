-- Row-level security: a query that forgets its organisation reads and changes nothing of others.
-- The roles cosell_tenant and cosell_jobs are there already; the program sees to them at each start.
-- Each statement changes the catalogue only and takes no time on a million rows. `alter table` and `create policy` need
-- the table for themselves; the locks are held until this step commits, some milliseconds, and waited for half a
-- second at most.

-- Makes every row of a table belong to the organisation of its organization_id: also to the table's owner.
create function cosell_protect(protected regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', protected);
  execute format('alter table %s force row level security', protected);
  execute format('create policy own_rows on %s to cosell_tenant
    using (organization_id = current_setting(''cosell.organization_id'', true))
    with check (organization_id = current_setting(''cosell.organization_id'', true))', protected);
  execute format('create policy all_rows on %s to cosell_jobs using (true) with check (true)', protected);
  execute format('grant select, insert, update, delete on %s to cosell_tenant, cosell_jobs', protected);
end $$;
revoke execute on function cosell_protect from public;

select cosell_protect('locations');
select cosell_protect('users');
select cosell_protect('role_assignments');
select cosell_protect('routing_rules');
select cosell_protect('referrals');
select cosell_protect('referral_documents');
select cosell_protect('referral_views');
select cosell_protect('referral_team_members');
select cosell_protect('referral_customer_contacts');
select cosell_protect('referral_solutions');
select cosell_protect('engagement_members');
select cosell_protect('changes');
select cosell_protect('change_sequences');
select cosell_protect('kept_answers');

-- What all organisations share: tenants see which organisations there are, and no keys.
grant select on organizations, tenants, exchange_facts to cosell_tenant;
grant select, insert, update, delete on organizations, tenants, exchange_facts, signing_keys to cosell_jobs;
grant select on schema_migrations to cosell_jobs;
do $$ begin
  execute format('grant usage on schema %I to cosell_tenant, cosell_jobs', current_schema());
  -- Tables of later steps; those with rows of tenants are given to cosell_protect besides.
  execute format('alter default privileges in schema %I
    grant select, insert, update, delete on tables to cosell_jobs', current_schema());
end $$;

-- Reads of rows by their keys, in one round trip: they take on the role, and for each key name the organisation and
-- read its row. `place` says which key a row belongs to.
create function cosell_find_referrals(readers text[], referrals text[])
  returns table (place integer, document text, links_offset integer, byte_length integer, etag text,
    engagement_id text, mpn_id text, is_marketplace_lead smallint, due_at text, model_version integer)
  language plpgsql set role = 'cosell_tenant' as $$
begin
  for number in 1 .. cardinality(readers) loop
    perform set_config('cosell.organization_id', readers[number], true);
    return query select number, d.document, d.links_offset, octet_length(d.document), d.etag, d.engagement_id,
      d.mpn_id, d.is_marketplace_lead, d.due_at, d.model_version
      from referral_documents d where d.organization_id = readers[number] and d.id = referrals[number];
  end loop;
end $$;

create function cosell_find_views(readers text[], referrals text[])
  returns table (place integer, document text, links_offset integer, byte_length integer, etag text,
    engagement_id text, due_at text, sharing text, model_version integer)
  language plpgsql set role = 'cosell_tenant' as $$
begin
  for number in 1 .. cardinality(readers) loop
    perform set_config('cosell.organization_id', readers[number], true);
    return query select number, v.document, v.links_offset, octet_length(v.document), v.etag, v.engagement_id,
      v.due_at, v.sharing, v.model_version
      from referral_views v where v.organization_id = readers[number] and v.id = referrals[number];
  end loop;
end $$;

-- Whom tokens speak for, with a row for each role of theirs. The tenant says whose directory is read.
create function cosell_find_users(tenant_ids text[], subjects text[])
  returns table (place integer, organization_id text, name text, tenant_id text, subject text, email text,
    is_active smallint, role text, mpn_id text)
  language plpgsql set role = 'cosell_tenant' as $$
declare
  owner text;
begin
  for number in 1 .. cardinality(tenant_ids) loop
    select t.organization_id into owner from tenants t where t.id = tenant_ids[number];
    perform set_config('cosell.organization_id', owner, true);
    return query select number, u.organization_id, u.name, u.tenant_id, u.subject, u.email, u.is_active, r.role,
      r.mpn_id
      from users u left join role_assignments r on r.organization_id = u.organization_id and r.user_name = u.name
      where u.organization_id = owner and u.tenant_id = tenant_ids[number] and u.subject = subjects[number]
      order by r.role, r.mpn_id;
  end loop;
end $$;
