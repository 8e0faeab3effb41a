-- Writes: who acted, when something is due, who sent a lead, answers kept for retries, routing.

-- Who made a change: a user, the exchange itself, the operator, or the sandbox in another party's place.
alter table changes add column acted_by text collate "C" not null default 'operator';

-- When the exchange closes a referral that nobody has answered; null for one that waits for nothing.
alter table referral_documents add column due_at text collate "C";
create index referral_documents_by_due on referral_documents (due_at) where due_at is not null;

-- How much its reader is shown: always, accepted or consented.
alter table referral_views add column sharing text collate "C" not null default 'always';
alter table referral_views add column due_at text collate "C";

-- 1 for an organisation that has sent a record and has none of its own.
alter table engagement_members add column is_sender smallint not null default 0;

-- Answers of writes, kept so that a retry is answered and not done again (OASIS Repeatable Requests 1.0).
create table kept_answers (
  organization_id text collate "C" not null,
  user_name text collate "C" not null,
  target text collate "C" not null,
  request_id text collate "C" not null,
  fingerprint text collate "C" not null,
  kept_at text collate "C" not null,
  answer text not null,
  primary key (organization_id, user_name, target, request_id)
);
create index kept_answers_by_time on kept_answers (kept_at);

-- Which location of a partner gets a referral from Microsoft. An empty text stands for all solutions or all markets.
create table routing_rules (
  organization_id text collate "C" not null references organizations (id),
  solution_id text collate "C" not null,
  country text collate "C" not null,
  mpn_id text collate "C" not null,
  primary key (organization_id, solution_id, country)
);
