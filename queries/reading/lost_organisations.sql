-- What organisations of the build before, of which nothing is left and that a hold is on, may be known by. An address, a
-- number, a mail domain or a name of their people tells them only where no other organisation had it.
-- Grain: id x what is said. Holds persons.
create or replace temp table lost_organisation as
with said as (
    select distinct org_id, because, said
    from organisation_says('old.organisation', 'old.record')
    where said <> ''
),
shared as (
    select because, said
    from said
    where because not in ('number', 'name')
    group by because, said
    having count(*) > 1
)
select said.org_id, said.because, said.said
from said
anti join shared on shared.because = said.because and shared.said = said.said
where said.org_id in (select unnest($keys::varchar[]))
