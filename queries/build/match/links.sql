-- What ties records to one person. An address ties whoever has it as long as no two names speak against that; one that
-- is shared, and a number, which is often a switchboard's, tie who has the same name: of two words at least where the
-- address is shared. What somebody has decided ties as it was decided. A weak tie gives way where a chain of ties leads
-- from one name to another (untie).
create temp table link as
-- Where somebody is called the elder and somebody the younger, or the man and the woman of one family's name, who is
-- called neither may be either of them.
with two_ages as (
    select kind, key, without_generation(name_key) as bare
    from met
    where without_generation(name_key) <> name_key
    group by kind, key, bare
    having min(name_key) <> max(name_key)
)
select met.rid, met.kind || met.key as knot, meeting.has_names or meeting.has_nameless as is_weak
from met
inner join meeting on meeting.kind = met.kind and meeting.key = met.key
where met.kind = 'email' and met.key not in (select key from shared_address)
union all
select
    met.rid,
    met.kind || met.key || '|' || case
        when two_ages.key is null then without_generation(met.name_key)
        else met.name_key
    end,
    false
from met
inner join meeting on meeting.kind = met.kind and meeting.key = met.key
left join two_ages
    on two_ages.kind = met.kind and two_ages.key = met.key and two_ages.bare = without_generation(met.name_key)
where met.name_key is not null
    and (
        met.kind = 'phone'
        or (
            (meeting.has_names or meeting.has_nameless or meeting.is_role_mailbox)
            and (contains(without_generation(met.name_key), ' ') or met.key not in (select key from shared_address))
        )
    )
union all
select rid, 'decided' || number, false
from decided_same;

create temp table label as
select rid, rid as root
from link
group by rid;
