-- Whether any row has a cell, in a column that is read, that may be garbled: sooner said of whole rows than of each column.
-- Holds figures.
select coalesce(bool_or(may_be_garbled(line)), false) as is_there
from (
    select concat_ws(' ', *columns(name -> name <> 'row_no' and not starts_with(name, 'left_out_'))) as line
    from raw
)
