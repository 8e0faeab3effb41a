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

-- Reads of one row by its key: they take on the role, set the organisation and read, in one round trip.
create function cosell_find_referral(reader text, referral text)
  returns table (document text, links_offset integer, byte_length integer, etag text, engagement_id text, mpn_id text,
    is_marketplace_lead smallint, due_at text)
  language plpgsql set role = 'cosell_tenant' as $$
#variable_conflict use_column
begin
  perform set_config('cosell.organization_id', reader, true);
  return query select document, links_offset, octet_length(document), etag, engagement_id, mpn_id,
    is_marketplace_lead, due_at from referral_documents where organization_id = reader and id = referral;
end $$;

create function cosell_find_view(reader text, referral text)
  returns table (document text, links_offset integer, byte_length integer, etag text, engagement_id text, due_at text,
    sharing text)
  language plpgsql set role = 'cosell_tenant' as $$
#variable_conflict use_column
begin
  perform set_config('cosell.organization_id', reader, true);
  return query select document, links_offset, octet_length(document), etag, engagement_id, due_at, sharing
    from referral_views where organization_id = reader and id = referral;
end $$;

-- Who a token speaks for, with a row for each of his roles. His tenant says which organisation's directory is read.
create function cosell_find_user(tenant text, token_subject text)
  returns table (organization_id text, name text, tenant_id text, subject text, email text, is_active smallint,
    role text, mpn_id text)
  language plpgsql set role = 'cosell_tenant' as $$
#variable_conflict use_column
declare
  owner text;
begin
  select t.organization_id into owner from tenants t where t.id = tenant;
  perform set_config('cosell.organization_id', owner, true);
  return query select u.organization_id, u.name, u.tenant_id, u.subject, u.email, u.is_active, r.role, r.mpn_id
    from users u left join role_assignments r on r.organization_id = u.organization_id and r.user_name = u.name
    where u.organization_id = owner and u.tenant_id = tenant and u.subject = token_subject order by r.role, r.mpn_id;
end $$;
