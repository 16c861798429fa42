-- The last rows of a table, which say together whether they are footers.
select rowid + 1 as row_no, *
from raw_text
order by rowid desc
limit 30
