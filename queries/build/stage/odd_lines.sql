-- What is kept of rows that stay out and may have an address that is not plain. Grain: one row per line. Holds persons.
select distinct line
from quarantine_row
where regexp_matches(line, '＠|\p{Cf}|[(\[{] ?(at|AT|At|snabel|@)|%40|@[^\s;,]*[^ -~\s]')
