-- What stands on records that are known by keyed digest only: whose they are, their entry's span, whether it is held and
-- whether the person is restricted.
-- Grain: one row per record that is stored. Holds persons.
with digested as (
    select basis_id, record_id, keyed('record|' || record_id) as record_digest
    from basis_record
)
select
    digested.record_digest,
    digested.record_id,
    basis.person_id,
    basis.category,
    basis.starts_on,
    basis.ends_on,
    basis_status.has_hold,
    basis_status.restricted
from digested
inner join basis on basis.basis_id = digested.basis_id
inner join basis_status on basis_status.basis_id = digested.basis_id
where digested.record_digest in (select unnest($digests::varchar[]))
