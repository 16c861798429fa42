-- Gives carried-over records the dates that the source told, where they were accepted since.
update build.record
set
    registered_on = record.told.registered_on,
    designated_on = record.told.designated_on,
    left_org_on = record.told.left_org_on,
    starts_on = record.told.starts_on,
    ends_on = record.told.ends_on,
    replaced_on = record.told.replaced_on,
    met_on = record.told.met_on,
    inbound_on = record.told.inbound_on,
    moved_build = null,
    moved_field = null,
    moved_to = null,
    told = null
from (
    select moved.rowid as rid
    from build.record as moved
    left join build.successor on successor.record_id = moved.record_id and successor.build = moved.moved_build
    inner join accepted_move
        on accepted_move.dataset = moved.dataset
        and accepted_move.build = moved.moved_build
        and accepted_move.number = coalesce(successor.number, 0)
) as taken
where taken.rid = record.rowid
