-- A table that stays as it is.
from query_table($table)
