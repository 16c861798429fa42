-- An empty `raw` with the columns of the rows that are about to come.
create temp table raw_text as
select * from incoming
limit 0
