-- Gives carried-over records the dates that the source told, where they were accepted since.
update build.record
set
    registered_on = record.told.registered_on,
    designated_on = record.told.designated_on,
    left_org_on = record.told.left_org_on,
    starts_on = record.told.starts_on,
    ends_on = record.told.ends_on,
    replaced_on = record.told.replaced_on,
    moved_build = null,
    moved_field = null,
    moved_to = null,
    told = null
from accepted_move
where accepted_move.dataset = record.dataset and accepted_move.build = record.moved_build
