-- Of which organisations of the build something is said that has one of the digests. Grain: digest x id x what speaks for
-- it. Holds persons.
with said as (
    select distinct org_id, because, said
    from organisation_says('build.organisation', 'build.record')
    where said <> '' and org_id in (select org_id from build.basis)
),
digested as (
    select keyed('firm|' || because || '|' || said) as digest, org_id, because
    from said
)
select digest, org_id, because
from digested
where digest in (select unnest($digests::varchar[]))
order by digest, org_id, because
