-- Takes rows out by their numbers.
delete from raw_text
where rowid + 1 in (select unnest($rows))
