-- Identity: credentials, applications, consents, invitations, what the provider remembers, and an audit that is a chain.

-- Whoever is no longer active keeps his place: history names him, and nobody gets his id.
alter table organizations add column is_active integer not null default 1;
alter table locations add column is_active integer not null default 1;

-- How a user proves himself to the built-in provider. No key leads to `users`: a sandbox that is reset keeps its passwords.
create table credentials (
  organization_id text not null,
  user_name text not null,
  -- In PHC form, by Argon2id; null for one who has been invited and has chosen none.
  password_hash text,
  -- Whether the password was given out and is good for one sign-in, at which the user chooses his own.
  is_temporary integer not null,
  -- Base32; null without a second factor.
  totp_secret text,
  -- The last time step whose code was taken: none is taken twice (RFC 6238, section 5.2).
  totp_step integer,
  failed_attempts integer not null,
  -- Until when nothing is tried, also after that; null where nothing has failed.
  slowed_until text,
  changed_at text not null,
  primary key (organization_id, user_name)
) strict, without rowid;

-- Programs: applications, in which users sign in, and API clients, which speak for an organisation by themselves.
create table clients (
  client_id text not null,
  organization_id text not null references organizations (id),
  kind text not null,
  name text not null,
  is_public integer not null,
  -- JSON list of addresses.
  redirect_uris text not null,
  is_active integer not null,
  created_at text not null,
  primary key (client_id),
  constraint clients_kind_check check (kind in ('application', 'apiClient'))
) strict, without rowid;
create index clients_by_organization on clients (organization_id);
create table client_secrets (
  client_id text not null references clients (client_id) on delete cascade,
  id text not null,
  -- SHA-256 in hexadecimal: a secret is random and as long as the hash.
  secret_hash text not null,
  hint text not null,
  created_at text not null,
  expires_at text,
  primary key (client_id, id)
) strict, without rowid;

-- What a user has allowed an application; the empty user name stands for all of the organisation.
create table consents (
  organization_id text not null,
  user_name text not null,
  client_id text not null,
  scope text not null,
  granted_at text not null,
  withdrawn_at text,
  primary key (organization_id, user_name, client_id)
) strict, without rowid;

create table invitations (
  organization_id text not null references organizations (id),
  id text not null,
  email text not null,
  user_name text not null,
  -- JSON list of role assignments.
  roles text not null,
  -- SHA-256 of the secret part of its link, in hexadecimal.
  code_hash text not null,
  invited_by text not null,
  created_at text not null,
  expires_at text not null,
  accepted_at text,
  withdrawn_at text,
  primary key (organization_id, id)
) strict, without rowid;

-- Sessions, grants, codes and refresh tokens of the built-in provider. What opens something is stored as its hash.
create table provider_records (
  model text not null,
  id text not null,
  payload text not null,
  grant_id text,
  user_code text,
  uid text,
  -- Seconds since 1970; null for what does not end by itself.
  expires_at integer,
  consumed_at integer,
  primary key (model, id)
) strict;
create index provider_records_by_grant on provider_records (grant_id) where grant_id is not null;
create index provider_records_by_user_code on provider_records (user_code) where user_code is not null;
create index provider_records_by_uid on provider_records (uid) where uid is not null;
create index provider_records_by_end on provider_records (expires_at) where expires_at is not null;

-- The audit: for whom, by whom (the subject of his tokens), by which program; and the hash of the record with the one
-- before it. A record from before this step has none: the chain begins after it.
alter table acts add column organization_id text;
alter table acts add column actor text;
alter table acts add column via text;
alter table acts add column request_id text;
alter table acts add column hash text not null default '';
create index acts_by_organization on acts (organization_id, sequence);

-- For this engine alone.
-- Records are only ever added.
create trigger acts_are_not_changed before update on acts
  begin select raise(abort, 'records of the audit are only added'); end;
create trigger acts_are_not_removed before delete on acts
  begin select raise(abort, 'records of the audit are only added'); end;
