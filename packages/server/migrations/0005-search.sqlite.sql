-- Search: the words of each referral and view, folded, as one text, and an index of the words.
-- The texts of rows that are there already are written by `cosell reindex`; until then a search says so.

-- One row for each referral and each view, like the items of a list. The number of a row is one that `vacuum` leaves
-- alone, because the index goes by it.
create table referral_search (
  rowid integer primary key,
  organization_id text not null,
  referral_id text not null,
  position integer not null,
  text text not null,
  unique (organization_id, referral_id, position)
) strict;

-- The index keeps no text and no places of words: it says which rows have a word, and the text decides. Words are parted
-- by ASCII alone, because they are folded already; the organisation is one of them.
create virtual table referral_search_words using fts5 (
  organization_id, text,
  content = 'referral_search', content_rowid = 'rowid', tokenize = "ascii tokenchars '-'", detail = none, columnsize = 0
);

create trigger referral_search_added after insert on referral_search begin
  insert into referral_search_words (rowid, organization_id, text) values (new.rowid, new.organization_id, new.text);
end;
create trigger referral_search_removed after delete on referral_search begin
  insert into referral_search_words (referral_search_words, rowid, organization_id, text)
    values ('delete', old.rowid, old.organization_id, old.text);
end;
create trigger referral_search_changed after update on referral_search begin
  insert into referral_search_words (referral_search_words, rowid, organization_id, text)
    values ('delete', old.rowid, old.organization_id, old.text);
  insert into referral_search_words (rowid, organization_id, text) values (new.rowid, new.organization_id, new.text);
end;
