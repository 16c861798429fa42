-- Which columns that are read have cells that may be garbled. Grain: one row. Holds figures.
select bool_or(may_be_garbled(columns(name -> name <> 'row_no' and not starts_with(name, 'left_out_')))) as "\0"
from raw
