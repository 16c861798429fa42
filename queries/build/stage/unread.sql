-- How many cells of the staged rows that stay are filled, and no address or number could be read in them.
-- Grain: field. Holds figures.
with unread as (
    select 'email' as field
    from staged
    inner join read_address on read_address.original = staged.email
    where row_no not in (select row_no from bad_row) and len(read_address.keys) = 0
    union all
    select 'phone'
    from staged
    inner join read_number on read_number.original = staged.phone
    where row_no not in (select row_no from bad_row) and len(read_number.keys) = 0
)
select field, count(*) as rows
from unread
group by field
order by field
