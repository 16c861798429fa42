-- The same of all records of the new build that are known by one of given digests. Grain: record x what it is known by.
-- Holds persons, by keyed digest.
create or replace temp table choosing as
with digested as (
    select record_id, digest, false as is_identity from digested_records
    union all
    select record_id, digest, true from digested_names
    union all
    select record_id, digest, true from digested_identities
),
met as (
    select record_id
    from digested
    where digest in (select unnest($digests::varchar[]))
)
select basis_record.record_id, basis.person_id, digested.digest, digested.is_identity
from digested
semi join met on met.record_id = digested.record_id
inner join build.basis_record on basis_record.record_id = digested.record_id
inner join build.basis on basis.basis_id = basis_record.basis_id
