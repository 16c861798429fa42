-- Whether whoever asks may see into a schema of PostgreSQL's, which is there. Grain: one row.
select has_schema_privilege(:schema, 'usage') as may_read
