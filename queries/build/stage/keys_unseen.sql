-- Which columns of keys, $names, have signs that nobody sees. Grain: one row. Holds figures.
select bool_or(has_unseen(columns(name -> list_contains($names, name)))) as "\0"
from raw
