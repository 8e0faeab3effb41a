-- The first schema: referrals, what others may read of them, their changes, and the directory.
-- Instants are UTC text of 28 characters, decimals whole ten-thousandths, flags 0 or 1, documents text (architecture, section 2).
-- Every key of tenant data begins with organization_id, so that the schema can be sharded by it.
-- One row for each referral: what is filtered and sorted.
create table referrals (
  organization_id text not null,
  id text not null,
  engagement_id text not null,
  name text,
  organization_name text,
  last_modified_via text,
  external_reference_id text,
  created_at text not null,
  updated_at text not null,
  expires_at text,
  status text not null,
  substatus text not null,
  status_reason text,
  qualification text,
  type text not null,
  referral_source text,
  is_favorite integer not null,
  campaign_id text,
  sales_stage text,
  quality text,
  is_spam integer not null,
  direction text not null,
  mpn_id text,
  referral_program text,
  created_via text,
  accepted_at text,
  closed_at text,
  call_to_action text,
  registration_status text,
  customer_name text,
  customer_size text,
  customer_city text,
  customer_state text,
  customer_postal_code text,
  customer_country text,
  is_shared_with_microsoft integer not null,
  deal_value integer,
  currency text,
  closing_at text,
  assistance_request_code text,
  microsoft_msx_id text,
  primary key (organization_id, id),
  constraint referrals_status_check check (status in ('None', 'New', 'Active', 'Closed'))
) strict, without rowid;
create index referrals_by_created on referrals (organization_id, created_at, id);
create index referrals_by_updated on referrals (organization_id, updated_at, id);
create index referrals_by_engagement on referrals (organization_id, engagement_id);

-- The answer to a request by id: the bytes, and all that is asked before they are sent. Apart from `referrals`,
-- because scans are 5 to 10 times faster without documents between the rows.
create table referral_documents (
  organization_id text not null,
  id text not null,
  document text not null,
  links_offset integer not null,
  etag text not null,
  engagement_id text not null,
  mpn_id text,
  is_marketplace_lead integer not null,
  model_version integer not null,
  primary key (organization_id, id)
) strict;

-- What another member of the engagement may read, one row for each reader: `organization_id` is the reader.
create table referral_views (
  organization_id text not null,
  id text not null,
  owner_organization_id text not null,
  engagement_id text not null,
  name text,
  organization_name text,
  last_modified_via text,
  external_reference_id text,
  created_at text not null,
  updated_at text not null,
  expires_at text,
  status text not null,
  substatus text not null,
  status_reason text,
  qualification text,
  type text not null,
  referral_source text,
  is_favorite integer not null,
  campaign_id text,
  sales_stage text,
  quality text,
  is_spam integer not null,
  direction text not null,
  mpn_id text,
  referral_program text,
  created_via text,
  accepted_at text,
  closed_at text,
  call_to_action text,
  registration_status text,
  customer_name text,
  customer_size text,
  customer_city text,
  customer_state text,
  customer_postal_code text,
  customer_country text,
  is_shared_with_microsoft integer not null,
  deal_value integer,
  currency text,
  closing_at text,
  assistance_request_code text,
  microsoft_msx_id text,
  document text not null,
  links_offset integer not null,
  etag text not null,
  model_version integer not null,
  primary key (organization_id, id)
) strict;
create index referral_views_by_engagement on referral_views (organization_id, engagement_id);

-- The records of an engagement, across organisations. Only writers read it: to make the views of the others.
create table engagement_members (
  engagement_id text not null,
  organization_id text not null,
  referral_id text not null,
  primary key (engagement_id, organization_id, referral_id)
) strict, without rowid;

-- The items of lists, for `any` and `all`. Rows of a view stand under its reader.
create table referral_team_members (
  organization_id text not null,
  referral_id text not null,
  position integer not null,
  first_name text,
  last_name text,
  phone_number text,
  email text,
  email_folded text,
  title text,
  primary key (organization_id, referral_id, position)
) strict, without rowid;
create index referral_team_members_by_email on referral_team_members (organization_id, email_folded);
create table referral_customer_contacts (
  organization_id text not null,
  referral_id text not null,
  position integer not null,
  first_name text,
  last_name text,
  phone_number text,
  email text,
  email_folded text,
  title text,
  primary key (organization_id, referral_id, position)
) strict, without rowid;
create table referral_solutions (
  organization_id text not null,
  referral_id text not null,
  position integer not null,
  solution_id text,
  name text,
  type text,
  primary key (organization_id, referral_id, position)
) strict, without rowid;

-- The one log that history, delta and events read. A row keeps the document as it was before: what it was after is
-- in the next row of the same referral, or the document itself.
create table changes (
  organization_id text not null,
  sequence integer not null,
  referral_id text not null,
  occurred_at text not null,
  kind text not null,
  actor_organization_id text,
  actor_user_id text,
  via text,
  etag_after text not null,
  document_before text,
  primary key (organization_id, sequence)
) strict;
create index changes_by_referral on changes (organization_id, referral_id, sequence);

-- The last number given to a change of each organisation: one sequence without gaps.
create table change_sequences (
  organization_id text not null,
  last integer not null,
  primary key (organization_id)
) strict, without rowid;

-- The directory: who belongs to the exchange, and what he may do.
create table organizations (
  id text not null,
  name text not null,
  primary key (id)
) strict, without rowid;
-- Whose tokens speak for an organisation: the tenant of an Entra token, or an issuer without tenants.
create table tenants (
  id text not null,
  organization_id text not null references organizations (id),
  primary key (id)
) strict, without rowid;
create table locations (
  organization_id text not null references organizations (id),
  mpn_id text not null,
  profile_id text not null,
  name text not null,
  primary key (organization_id, mpn_id)
) strict, without rowid;
create table users (
  organization_id text not null references organizations (id),
  name text not null,
  tenant_id text not null references tenants (id),
  subject text not null,
  email text not null,
  is_active integer not null,
  primary key (organization_id, name),
  constraint users_subject_unique unique (organization_id, tenant_id, subject)
) strict, without rowid;
-- A role for the whole company has the empty location.
create table role_assignments (
  organization_id text not null,
  user_name text not null,
  role text not null,
  mpn_id text not null,
  primary key (organization_id, user_name, role, mpn_id),
  foreign key (organization_id, user_name) references users (organization_id, name) on delete cascade
) strict, without rowid;

-- Keys of the built-in issuer, shared by all processes.
create table signing_keys (
  kid text not null,
  algorithm text not null,
  private_jwk text not null,
  created_at text not null,
  primary key (kid)
) strict, without rowid;

-- Facts about the exchange itself, such as whether it holds the sample.
create table exchange_facts (
  name text not null,
  value text not null,
  primary key (name)
) strict, without rowid;
