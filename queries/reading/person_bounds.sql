-- Where persons are cut into $parts parts of about as many entries: the first person of each but the first. By one of so
-- many persons.
with looked_at as (
    select person_id
    from build.main.basis
    where hash(person_id) % $every = 0
),
cut as (
    select
        person_id,
        ntile($parts::integer) over (order by person_id) as part
    from looked_at
)
select min(person_id) as person_id
from cut
where part > 1
group by part
order by part
