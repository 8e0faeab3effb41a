-- Writes: who acted, when something is due, who sent a lead, answers kept for retries, routing.

-- Who made a change: a user, the exchange itself, the operator, or the sandbox in another party's place.
alter table changes add column acted_by text not null default 'operator';

-- When the exchange closes a referral that nobody has answered; null for one that waits for nothing.
alter table referral_documents add column due_at text;
create index referral_documents_by_due on referral_documents (due_at) where due_at is not null;

-- How much its reader is shown: always, accepted or consented.
alter table referral_views add column sharing text not null default 'always';
alter table referral_views add column due_at text;

-- 1 for an organisation that has sent a record and has none of its own.
alter table engagement_members add column is_sender integer not null default 0;

-- Answers of writes, kept so that a retry is answered and not done again (OASIS Repeatable Requests 1.0).
create table kept_answers (
  organization_id text not null,
  user_name text not null,
  target text not null,
  request_id text not null,
  fingerprint text not null,
  kept_at text not null,
  answer text not null,
  primary key (organization_id, user_name, target, request_id)
) strict;
create index kept_answers_by_time on kept_answers (kept_at);

-- Which location of a partner gets a referral from Microsoft. An empty text stands for all solutions or all markets.
create table routing_rules (
  organization_id text not null references organizations (id),
  solution_id text not null,
  country text not null,
  mpn_id text not null,
  primary key (organization_id, solution_id, country)
) strict, without rowid;
