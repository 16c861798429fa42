-- The columns of the tables in a schema of PostgreSQL's, with their types. Grain: column.
select columns.table_name, columns.column_name, columns.data_type
from information_schema.columns
inner join information_schema.tables
    on tables.table_schema = columns.table_schema and tables.table_name = columns.table_name
where columns.table_schema = :schema and tables.table_type = 'BASE TABLE'
order by columns.table_name, columns.ordinal_position
