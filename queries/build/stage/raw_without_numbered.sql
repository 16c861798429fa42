-- Takes rows out by the numbers that they brought.
delete from raw_text
where row_no in (select unnest($rows))
