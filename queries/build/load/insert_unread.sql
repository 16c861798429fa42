-- How many cells were filled and no address could be read in them.
insert into build.unread_cell
select $dataset, $source, 'email', count(*)
from staged
inner join read_address on read_address.original = staged.email
where row_no not in (select row_no from bad_row) and len(read_address.keys) = 0
having count(*) > 0
