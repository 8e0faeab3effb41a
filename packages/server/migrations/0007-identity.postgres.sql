-- Identity: credentials, applications, consents, invitations, what the provider remembers, and an audit that is a chain.

-- Whoever is no longer active keeps his place: history names him, and nobody gets his id.
alter table organizations add column is_active smallint not null default 1;
alter table locations add column is_active smallint not null default 1;

-- How a user proves himself to the built-in provider. No key leads to `users`: a sandbox that is reset keeps its passwords.
create table credentials (
  organization_id text collate "C" not null,
  user_name text collate "C" not null,
  -- In PHC form, by Argon2id; null for one who has been invited and has chosen none.
  password_hash text collate "C",
  -- Whether the password was given out and is good for one sign-in, at which the user chooses his own.
  is_temporary smallint not null,
  -- Base32; null without a second factor.
  totp_secret text collate "C",
  -- The last time step whose code was taken: none is taken twice (RFC 6238, section 5.2).
  totp_step bigint,
  failed_attempts integer not null,
  -- Until when nothing is tried, also after that; null where nothing has failed.
  slowed_until text collate "C",
  changed_at text collate "C" not null,
  primary key (organization_id, user_name)
);
select cosell_protect('credentials');

-- Programs: applications, in which users sign in, and API clients, which speak for an organisation by themselves.
create table clients (
  client_id text collate "C" not null,
  organization_id text collate "C" not null references organizations (id),
  kind text collate "C" not null,
  name text collate "C" not null,
  is_public smallint not null,
  -- JSON list of addresses.
  redirect_uris text collate "C" not null,
  is_active smallint not null,
  created_at text collate "C" not null,
  primary key (client_id),
  constraint clients_kind_check check (kind in ('application', 'apiClient'))
);
create index clients_by_organization on clients (organization_id);
create table client_secrets (
  client_id text collate "C" not null references clients (client_id) on delete cascade,
  id text collate "C" not null,
  -- SHA-256 in hexadecimal: a secret is random and as long as the hash.
  secret_hash text collate "C" not null,
  hint text collate "C" not null,
  created_at text collate "C" not null,
  expires_at text collate "C",
  primary key (client_id, id)
);

-- What a user has allowed an application; the empty user name stands for all of the organisation.
create table consents (
  organization_id text collate "C" not null,
  user_name text collate "C" not null,
  client_id text collate "C" not null,
  scope text collate "C" not null,
  granted_at text collate "C" not null,
  withdrawn_at text collate "C",
  primary key (organization_id, user_name, client_id)
);
select cosell_protect('consents');

create table invitations (
  organization_id text collate "C" not null references organizations (id),
  id text collate "C" not null,
  email text collate "C" not null,
  user_name text collate "C" not null,
  -- JSON list of role assignments.
  roles text collate "C" not null,
  -- SHA-256 of the secret part of its link, in hexadecimal.
  code_hash text collate "C" not null,
  invited_by text collate "C" not null,
  created_at text collate "C" not null,
  expires_at text collate "C" not null,
  accepted_at text collate "C",
  withdrawn_at text collate "C",
  primary key (organization_id, id)
);
select cosell_protect('invitations');

-- Sessions, grants, codes and refresh tokens of the built-in provider. What opens something is stored as its hash.
create table provider_records (
  model text collate "C" not null,
  id text collate "C" not null,
  payload text collate "C" not null,
  grant_id text collate "C",
  user_code text collate "C",
  uid text collate "C",
  -- Seconds since 1970; null for what does not end by itself.
  expires_at bigint,
  consumed_at bigint,
  primary key (model, id)
);
create index provider_records_by_grant on provider_records (grant_id) where grant_id is not null;
create index provider_records_by_user_code on provider_records (user_code) where user_code is not null;
create index provider_records_by_uid on provider_records (uid) where uid is not null;
create index provider_records_by_end on provider_records (expires_at) where expires_at is not null;

-- The audit: for whom, by whom (the subject of his tokens), by which program; and the hash of the record with the one
-- before it. A record from before this step has none: the chain begins after it.
alter table acts add column organization_id text collate "C";
alter table acts add column actor text collate "C";
alter table acts add column via text collate "C";
alter table acts add column request_id text collate "C";
alter table acts add column hash text collate "C" not null default '';
create index acts_by_organization on acts (organization_id, sequence);

-- For this engine alone.
-- Records are only ever added.
revoke update, delete, truncate on acts from cosell_jobs;

-- Whether his organisation is active is told with the user, because neither lets him in without the other.
drop function cosell_find_users;
create function cosell_find_users(tenant_ids text[], subjects text[])
  returns table (place integer, organization_id text, name text, tenant_id text, subject text, email text,
    is_active smallint, organization_is_active smallint, role text, mpn_id text)
  language plpgsql set role = 'cosell_tenant' as $$
declare
  owner text;
  owner_is_active smallint;
begin
  for number in 1 .. cardinality(tenant_ids) loop
    select t.organization_id, o.is_active into owner, owner_is_active
      from tenants t join organizations o on o.id = t.organization_id where t.id = tenant_ids[number];
    perform set_config('cosell.organization_id', owner, true);
    return query select number, u.organization_id, u.name, u.tenant_id, u.subject, u.email, u.is_active,
      owner_is_active, r.role, r.mpn_id
      from users u left join role_assignments r on r.organization_id = u.organization_id and r.user_name = u.name
      where u.organization_id = owner and u.tenant_id = tenant_ids[number] and u.subject = subjects[number]
      order by r.role, r.mpn_id;
  end loop;
end $$;

-- Whether programs may act for users: both are active, and the program is of the user's organisation or was consented to.
-- It looks at two organisations at once, so it takes on the role of jobs; all that it tells is which keys it holds for.
create function cosell_find_allowed(client_ids text[], tenant_ids text[], subjects text[])
  returns table (place integer) language plpgsql set role = 'cosell_jobs' as $$
begin
  for number in 1 .. cardinality(client_ids) loop
    return query select number from clients c
      join organizations o on o.id = c.organization_id and o.is_active = 1
      join tenants t on t.id = tenant_ids[number]
      join users u on u.organization_id = t.organization_id and u.tenant_id = t.id and u.subject = subjects[number]
      where c.client_id = client_ids[number] and c.is_active = 1 and (c.organization_id = u.organization_id or exists (
        select 1 from consents s where s.organization_id = u.organization_id and s.user_name in (u.name, '')
          and s.client_id = c.client_id and s.withdrawn_at is null));
  end loop;
end $$;
