-- Search: the words of each referral and view, folded, as one text, and an index of the words.
-- The texts of rows that are there already are written by `cosell reindex`; until then a search says so.
-- Everything here is new and empty, so the step locks nothing that anybody uses and takes no time on a million rows.

-- One row for each referral and each view, like the items of a list.
create table referral_search (
  organization_id text collate "C" not null,
  referral_id text collate "C" not null,
  position integer not null,
  text text collate "C" not null,
  primary key (organization_id, referral_id, position)
);
select cosell_protect('referral_search');

-- The words of a row for the index, the organisation among them; `.` stands between fields and is none. In `plpgsql`,
-- because the planner would put the text of a function in `sql` in its place, and then not know the index again.
create function cosell_words(organization_id text, text text) returns tsvector language plpgsql immutable parallel safe
  as $$ begin
    return array_to_tsvector(array_remove(string_to_array('=' || organization_id || rtrim(text), ' '), '.'));
  end $$;
create index referral_search_by_word on referral_search using gin (cosell_words(organization_id, text));

-- The referrals of the organisation of this transaction that have the words of a query. Under row-level security the
-- operator would come after it, and so never reach the index; this takes on the role that sees all rows, and asks for
-- the one organisation itself.
create function cosell_find_words(words text) returns table (referral_id text)
  language plpgsql stable set role = 'cosell_jobs' as $$
declare
  reader text := current_setting('cosell.organization_id', true);
  query tsquery := ('''=' || replace(replace(reader, '\', '\\'), '''', '''''') || ''' & ' || words)::tsquery;
begin
  return query select s.referral_id from referral_search s
    where cosell_words(s.organization_id, s.text) @@ query and s.organization_id = reader;
end $$;
