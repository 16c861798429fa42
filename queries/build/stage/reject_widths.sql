-- Of the rows that stay out, without those above the headers: how many do by their width, how many in all, and how many
-- cells the first has. Holds figures.
select count(*) filter (where reason = 'wrong_columns'), count(*), min_by(len(cells), row_no)
from reject
where row_no > 0
