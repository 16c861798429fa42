-- The persons behind records that are known by keyed digest only. Grain: one row per record that is stored.
-- Holds persons.
with digested as (
    select basis_id, keyed('record|' || record_id) as record_digest
    from basis_record
)
select digested.record_digest, basis.person_id
from digested
inner join basis on basis.basis_id = digested.basis_id
where digested.record_digest in (select unnest($digests::varchar[]))
