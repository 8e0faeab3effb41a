-- The first schema: referrals, what others may read of them, their changes, and the directory.
-- Instants are UTC text of 28 characters, decimals whole ten-thousandths, flags 0 or 1, documents text (architecture, section 2).
-- Every key of tenant data begins with organization_id, so that the schema can be sharded by it.
-- One row for each referral: what is filtered and sorted.
create table referrals (
  organization_id text collate "C" not null,
  id text collate "C" not null,
  engagement_id text collate "C" not null,
  name text collate "C",
  organization_name text collate "C",
  last_modified_via text collate "C",
  external_reference_id text collate "C",
  created_at text collate "C" not null,
  updated_at text collate "C" not null,
  expires_at text collate "C",
  status text collate "C" not null,
  substatus text collate "C" not null,
  status_reason text collate "C",
  qualification text collate "C",
  type text collate "C" not null,
  referral_source text collate "C",
  is_favorite smallint not null,
  campaign_id text collate "C",
  sales_stage text collate "C",
  quality text collate "C",
  is_spam smallint not null,
  direction text collate "C" not null,
  mpn_id text collate "C",
  referral_program text collate "C",
  created_via text collate "C",
  accepted_at text collate "C",
  closed_at text collate "C",
  call_to_action text collate "C",
  registration_status text collate "C",
  customer_name text collate "C",
  customer_size text collate "C",
  customer_city text collate "C",
  customer_state text collate "C",
  customer_postal_code text collate "C",
  customer_country text collate "C",
  is_shared_with_microsoft smallint not null,
  deal_value bigint,
  currency text collate "C",
  closing_at text collate "C",
  assistance_request_code text collate "C",
  microsoft_msx_id text collate "C",
  primary key (organization_id, id),
  constraint referrals_status_check check (status in ('None', 'New', 'Active', 'Closed'))
);
create index referrals_by_created on referrals (organization_id, created_at, id);
create index referrals_by_updated on referrals (organization_id, updated_at, id);
create index referrals_by_engagement on referrals (organization_id, engagement_id);

-- The answer to a request by id: the bytes, and all that is asked before they are sent. Apart from `referrals`,
-- because scans are 5 to 10 times faster without documents between the rows.
create table referral_documents (
  organization_id text collate "C" not null,
  id text collate "C" not null,
  document text not null,
  links_offset integer not null,
  etag text collate "C" not null,
  engagement_id text collate "C" not null,
  mpn_id text collate "C",
  is_marketplace_lead smallint not null,
  model_version integer not null,
  primary key (organization_id, id)
);

-- What another member of the engagement may read, one row for each reader: `organization_id` is the reader.
create table referral_views (
  organization_id text collate "C" not null,
  id text collate "C" not null,
  owner_organization_id text collate "C" not null,
  engagement_id text collate "C" not null,
  name text collate "C",
  organization_name text collate "C",
  last_modified_via text collate "C",
  external_reference_id text collate "C",
  created_at text collate "C" not null,
  updated_at text collate "C" not null,
  expires_at text collate "C",
  status text collate "C" not null,
  substatus text collate "C" not null,
  status_reason text collate "C",
  qualification text collate "C",
  type text collate "C" not null,
  referral_source text collate "C",
  is_favorite smallint not null,
  campaign_id text collate "C",
  sales_stage text collate "C",
  quality text collate "C",
  is_spam smallint not null,
  direction text collate "C" not null,
  mpn_id text collate "C",
  referral_program text collate "C",
  created_via text collate "C",
  accepted_at text collate "C",
  closed_at text collate "C",
  call_to_action text collate "C",
  registration_status text collate "C",
  customer_name text collate "C",
  customer_size text collate "C",
  customer_city text collate "C",
  customer_state text collate "C",
  customer_postal_code text collate "C",
  customer_country text collate "C",
  is_shared_with_microsoft smallint not null,
  deal_value bigint,
  currency text collate "C",
  closing_at text collate "C",
  assistance_request_code text collate "C",
  microsoft_msx_id text collate "C",
  document text not null,
  links_offset integer not null,
  etag text collate "C" not null,
  model_version integer not null,
  primary key (organization_id, id)
);
create index referral_views_by_engagement on referral_views (organization_id, engagement_id);

-- The records of an engagement, across organisations. Only writers read it: to make the views of the others.
create table engagement_members (
  engagement_id text collate "C" not null,
  organization_id text collate "C" not null,
  referral_id text collate "C" not null,
  primary key (engagement_id, organization_id, referral_id)
);

-- The items of lists, for `any` and `all`. Rows of a view stand under its reader.
create table referral_team_members (
  organization_id text collate "C" not null,
  referral_id text collate "C" not null,
  position integer not null,
  first_name text collate "C",
  last_name text collate "C",
  phone_number text collate "C",
  email text collate "C",
  email_folded text collate "C",
  title text collate "C",
  primary key (organization_id, referral_id, position)
);
create index referral_team_members_by_email on referral_team_members (organization_id, email_folded);
create table referral_customer_contacts (
  organization_id text collate "C" not null,
  referral_id text collate "C" not null,
  position integer not null,
  first_name text collate "C",
  last_name text collate "C",
  phone_number text collate "C",
  email text collate "C",
  email_folded text collate "C",
  title text collate "C",
  primary key (organization_id, referral_id, position)
);
create table referral_solutions (
  organization_id text collate "C" not null,
  referral_id text collate "C" not null,
  position integer not null,
  solution_id text collate "C",
  name text collate "C",
  type text collate "C",
  primary key (organization_id, referral_id, position)
);

-- The one log that history, delta and events read. A row keeps the document as it was before: what it was after is
-- in the next row of the same referral, or the document itself.
create table changes (
  organization_id text collate "C" not null,
  sequence bigint not null,
  referral_id text collate "C" not null,
  occurred_at text collate "C" not null,
  kind text collate "C" not null,
  actor_organization_id text collate "C",
  actor_user_id text collate "C",
  via text collate "C",
  etag_after text collate "C" not null,
  document_before text,
  primary key (organization_id, sequence)
);
create index changes_by_referral on changes (organization_id, referral_id, sequence);

-- The last number given to a change of each organisation: one sequence without gaps.
create table change_sequences (
  organization_id text collate "C" not null,
  last bigint not null,
  primary key (organization_id)
);

-- The directory: who belongs to the exchange, and what he may do.
create table organizations (
  id text collate "C" not null,
  name text collate "C" not null,
  primary key (id)
);
-- Whose tokens speak for an organisation: the tenant of an Entra token, or an issuer without tenants.
create table tenants (
  id text collate "C" not null,
  organization_id text collate "C" not null references organizations (id),
  primary key (id)
);
create table locations (
  organization_id text collate "C" not null references organizations (id),
  mpn_id text collate "C" not null,
  profile_id text collate "C" not null,
  name text collate "C" not null,
  primary key (organization_id, mpn_id)
);
create table users (
  organization_id text collate "C" not null references organizations (id),
  name text collate "C" not null,
  tenant_id text collate "C" not null references tenants (id),
  subject text collate "C" not null,
  email text collate "C" not null,
  is_active smallint not null,
  primary key (organization_id, name),
  constraint users_subject_unique unique (organization_id, tenant_id, subject)
);
-- A role for the whole company has the empty location.
create table role_assignments (
  organization_id text collate "C" not null,
  user_name text collate "C" not null,
  role text collate "C" not null,
  mpn_id text collate "C" not null,
  primary key (organization_id, user_name, role, mpn_id),
  foreign key (organization_id, user_name) references users (organization_id, name) on delete cascade
);

-- Keys of the built-in issuer, shared by all processes.
create table signing_keys (
  kid text collate "C" not null,
  algorithm text collate "C" not null,
  private_jwk text not null,
  created_at text collate "C" not null,
  primary key (kid)
);

-- Facts about the exchange itself, such as whether it holds the sample.
create table exchange_facts (
  name text collate "C" not null,
  value text not null,
  primary key (name)
);
