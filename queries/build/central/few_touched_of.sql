-- Whether what new facts touch is a small share of all entries of a build's schema; :few says how small. Of tables alone the
-- database knows how large they are: entries are about as many as records. Grain: one row.
select
    (select count(*) from basis)
    <= :few * (select reltuples from pg_class where oid = to_regclass(quote_ident(:build) || '.record')) as is_few
