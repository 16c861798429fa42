-- Those of the entries that batches name by keyed digests that are stored. Grain: one row per basis. Holds persons.
with digested as (
    select keyed('basis|' || basis_id) as basis_key
    from build.basis
    where erased_on is null
        and category in (select unnest($categories::varchar[]))
        and source in (select unnest($sources::varchar[]))
)
select basis_key
from digested
where basis_key in (select unnest($keys::varchar[]))
