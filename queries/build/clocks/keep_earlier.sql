-- Gives the records that the source moved their dates of before, and keeps beside them what it says now.
update build.record
set
    told = struct_pack(
        registered_on := record.registered_on,
        designated_on := record.designated_on,
        left_org_on := record.left_org_on,
        starts_on := record.starts_on,
        ends_on := record.ends_on,
        replaced_on := record.replaced_on,
        met_on := record.met_on,
        inbound_on := record.inbound_on
    ),
    moved_build = move.moved_build,
    moved_field = move.moved_field,
    moved_to = move.moved_to,
    registered_on = move.registered_on,
    designated_on = move.designated_on,
    left_org_on = move.left_org_on,
    starts_on = move.starts_on,
    ends_on = move.ends_on,
    replaced_on = move.replaced_on,
    met_on = move.met_on,
    inbound_on = move.inbound_on
from move
where move.rid = record.rowid
