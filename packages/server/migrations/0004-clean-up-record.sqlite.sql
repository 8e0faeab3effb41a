-- Clean-up: a record of what the operator did, and the model of the documents in the log.

-- What was done to the whole exchange, in order and without gaps; rows are only ever added. Whom or what it was done to
-- is a keyed hash: it can be proved, and not be read.
create table acts (
  sequence integer not null,
  occurred_at text not null,
  kind text not null,
  acted_by text not null,
  subject_hash text,
  details text not null,
  primary key (sequence)
) strict;

-- The model that wrote the document; every document until now was written by the first.
alter table changes add column model_version integer not null default 1;
