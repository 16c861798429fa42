-- Persons who may be one, with what speaks for that and against it, all or those of one person; those with a hold come
-- first.
-- grain: one row per pair
-- holds persons
with held as (
    select distinct person_id
    from basis_status
    where has_hold
)
select
    possible_double.person_a,
    possible_double.person_b,
    case when cast(:named as boolean) then one.name end as name_a,
    case when cast(:named as boolean) then other.name end as name_b,
    case when cast(:named as boolean) then one.email end as email_a,
    case when cast(:named as boolean) then other.email end as email_b,
    array_to_string(possible_double.speaks_for, ',') as speaks_for,
    array_to_string(possible_double.speaks_against, ',') as speaks_against,
    held_one.person_id is not null or held_other.person_id is not null as held,
    coalesce(marked_one.is_restricted, false) or coalesce(marked_other.is_restricted, false) as restricted
from possible_double
inner join person as one on one.person_id = possible_double.person_a
inner join person as other on other.person_id = possible_double.person_b
left join held as held_one on held_one.person_id = possible_double.person_a
left join held as held_other on held_other.person_id = possible_double.person_b
left join marked as marked_one on marked_one.person_id = possible_double.person_a
left join marked as marked_other on marked_other.person_id = possible_double.person_b
where cast(:person as varchar(40)) is null
    or possible_double.person_a = cast(:person as varchar(40))
    or possible_double.person_b = cast(:person as varchar(40))
order by held desc, possible_double.person_a, possible_double.person_b
