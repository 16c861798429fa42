-- Whether PostgreSQL has a schema of that name. Grain: one row.
select exists (select from pg_namespace where nspname = :schema) as is_there
