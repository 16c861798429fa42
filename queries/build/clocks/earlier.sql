-- What earlier exports said of the records, with the source's word where it was accepted; grain: one row per record_id.
create or replace temp view earlier as
select
    record.record_id,
    record.dataset,
    record.category,
    record.email_key,
    record.phone_key,
    record.name_key,
    record.org_id,
    if(accepted.build is null, record.registered_on, record.told.registered_on) as registered_on,
    if(accepted.build is null, record.designated_on, record.told.designated_on) as designated_on,
    if(accepted.build is null, record.left_org_on, record.told.left_org_on) as left_org_on,
    if(accepted.build is null, record.starts_on, record.told.starts_on) as starts_on,
    if(accepted.build is null, record.ends_on, record.told.ends_on) as ends_on,
    if(accepted.build is null, record.replaced_on, record.told.replaced_on) as replaced_on,
    if(accepted.build is null, record.met_on, record.told.met_on) as met_on,
    if(accepted.build is null, record.inbound_on, record.told.inbound_on) as inbound_on,
    if(accepted.build is null, record.moved_build, null) as moved_build,
    if(accepted.build is null, record.told, null) as told,
    if(accepted.build is null, succeeded.number, null) as number
from record_before as record
left join succeeded on succeeded.record_id = record.record_id and succeeded.build = record.moved_build
left join accepted_move as accepted
    on accepted.dataset = record.dataset and accepted.build = record.moved_build
    and accepted.number = coalesce(succeeded.number, 0)
where record.erased_on is null
