-- What ties records to one person. An address ties whoever has it as long as no two names speak against that; one that
-- is shared, and a number, which is often a switchboard's, tie who has the same name: of two words at least where the
-- address is shared. What somebody has decided ties as it was decided. A weak tie gives way where a chain of ties leads
-- from one name to another (untie).
create temp table link as
select met.rid, met.kind || met.key as knot, meeting.has_names or meeting.has_nameless as is_weak
from met
inner join meeting on meeting.kind = met.kind and meeting.key = met.key
where met.kind = 'email' and met.key not in (select key from shared_address)
union all
select met.rid, met.kind || met.key || '|' || met.name_key, false
from met
inner join meeting on meeting.kind = met.kind and meeting.key = met.key
where met.name_key is not null
    and (
        met.kind = 'phone'
        or (
            (meeting.has_names or meeting.has_nameless or meeting.is_role_mailbox)
            and (contains(met.name_key, ' ') or met.key not in (select key from shared_address))
        )
    )
union all
select rid, 'decided' || number, false
from decided_same;

create temp table label as
select rid, rid as root
from link
group by rid;
