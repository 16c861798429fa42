-- Rows with a cell, in a column that is read, of which nobody has worked out what it says. Grain: row. Holds persons.
select *
from raw
where contains(
    chr(31) || concat_ws(chr(31), *columns(name -> name <> 'row_no' and not starts_with(name, 'left_out_'))) || chr(31),
    chr(31) || $sign || chr(31)
)
order by row_no
