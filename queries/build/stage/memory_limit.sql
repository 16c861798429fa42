-- How much of the machine's memory DuckDB would take by itself, as it tells it. Grain: one row. Holds figures.
select current_setting('memory_limit') as memory_limit
