-- Nothing to do here: SQLite has no roles and no row-level security. One process reads the file, and every query names
-- its organisation.
select 1;
