-- The second and every later address or number of a cell.
insert into build.further_identifier
select $dataset || ':' || source_key, $dataset, 'email', unnest(read_address.keys[2:])
from staged
inner join read_address on read_address.original = staged.email
where row_no not in (select row_no from bad_row)
union all
select $dataset || ':' || source_key, $dataset, 'phone', unnest(read_number.keys[2:])
from staged
inner join read_number on read_number.original = staged.phone
where row_no not in (select row_no from bad_row)
