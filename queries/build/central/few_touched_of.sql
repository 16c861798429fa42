-- Whether what new facts touch is a small share of all entries of a build's schema; :few says how small. Grain: one row.
select
    (select count(*) from basis)
    <= :few * (select reltuples from pg_class where oid = to_regclass(quote_ident(:build) || '.basis')) as is_few
