-- The rows of the export at hand with their dates read: for each date column `..._day` (for instants `..._instant`) and
-- `..._fault`; the column itself keeps what the export said, and is null where that was another word for nothing.
create or replace temp view dated as
select
    staged.* replace (
        if(registered_read.is_missing, null, staged.registered_on) as registered_on,
        if(met_read.is_missing, null, staged.met_on) as met_on,
        if(inbound_read.is_missing, null, staged.inbound_on) as inbound_on,
        if(designated_read.is_missing, null, staged.designated_on) as designated_on,
        if(role_until_read.is_missing, null, staged.role_until) as role_until,
        if(left_org_read.is_missing, null, staged.left_org_on) as left_org_on,
        if(starts_read.is_missing, null, staged.starts_on) as starts_on,
        if(ends_read.is_missing, null, staged.ends_on) as ends_on,
        if(replaced_read.is_missing, null, staged.replaced_on) as replaced_on,
        if(opted_out_read.is_missing, null, staged.opted_out_on) as opted_out_on,
        if(erased_read.is_missing, null, staged.erased_on) as erased_on,
        if(identity_asked_read.is_missing, null, staged.identity_asked_on) as identity_asked_on,
        if(identity_answered_read.is_missing, null, staged.identity_answered_on) as identity_answered_on,
        if(extended_read.is_missing, null, staged.extended_on) as extended_on,
        if(forwarded_read.is_missing, null, staged.forwarded_on) as forwarded_on,
        if(closed_read.is_missing, null, staged.closed_on) as closed_on,
        if(set_read.is_missing, null, staged.set_at) as set_at,
        if(received_read.is_missing, null, staged.received_at) as received_at
    ),
    coalesce(registered_read.day, plain_date(staged.registered_on)) as registered_on_day,
    registered_read.fault as registered_on_fault,
    coalesce(met_read.day, plain_date(staged.met_on)) as met_on_day,
    met_read.fault as met_on_fault,
    coalesce(inbound_read.day, plain_date(staged.inbound_on)) as inbound_on_day,
    inbound_read.fault as inbound_on_fault,
    coalesce(designated_read.day, plain_date(staged.designated_on)) as designated_on_day,
    designated_read.fault as designated_on_fault,
    coalesce(role_until_read.day, plain_date(staged.role_until)) as role_until_day,
    role_until_read.fault as role_until_fault,
    coalesce(left_org_read.day, plain_date(staged.left_org_on)) as left_org_on_day,
    left_org_read.fault as left_org_on_fault,
    coalesce(starts_read.day, plain_date(staged.starts_on)) as starts_on_day,
    starts_read.fault as starts_on_fault,
    coalesce(ends_read.day, plain_date(staged.ends_on)) as ends_on_day,
    ends_read.fault as ends_on_fault,
    coalesce(replaced_read.day, plain_date(staged.replaced_on)) as replaced_on_day,
    replaced_read.fault as replaced_on_fault,
    coalesce(opted_out_read.day, plain_date(staged.opted_out_on)) as opted_out_on_day,
    opted_out_read.fault as opted_out_on_fault,
    coalesce(erased_read.day, plain_date(staged.erased_on)) as erased_on_day,
    erased_read.fault as erased_on_fault,
    coalesce(identity_asked_read.day, plain_date(staged.identity_asked_on)) as identity_asked_on_day,
    identity_asked_read.fault as identity_asked_on_fault,
    coalesce(identity_answered_read.day, plain_date(staged.identity_answered_on)) as identity_answered_on_day,
    identity_answered_read.fault as identity_answered_on_fault,
    coalesce(extended_read.day, plain_date(staged.extended_on)) as extended_on_day,
    extended_read.fault as extended_on_fault,
    coalesce(forwarded_read.day, plain_date(staged.forwarded_on)) as forwarded_on_day,
    forwarded_read.fault as forwarded_on_fault,
    coalesce(closed_read.day, plain_date(staged.closed_on)) as closed_on_day,
    closed_read.fault as closed_on_fault,
    coalesce(set_read.at, plain_instant(staged.set_at)) as set_at_instant,
    set_read.fault as set_at_fault,
    coalesce(received_read.at, plain_instant(staged.received_at)) as received_at_instant,
    received_read.fault as received_at_fault
from staged
left join date_reading as registered_read
    on registered_read.field = 'registered_on' and registered_read.text = date_key(staged.registered_on)
left join date_reading as met_read
    on met_read.field = 'met_on' and met_read.text = date_key(staged.met_on)
left join date_reading as inbound_read
    on inbound_read.field = 'inbound_on' and inbound_read.text = date_key(staged.inbound_on)
left join date_reading as designated_read
    on designated_read.field = 'designated_on' and designated_read.text = date_key(staged.designated_on)
left join date_reading as role_until_read
    on role_until_read.field = 'role_until' and role_until_read.text = date_key(staged.role_until)
left join date_reading as left_org_read
    on left_org_read.field = 'left_org_on' and left_org_read.text = date_key(staged.left_org_on)
left join date_reading as starts_read
    on starts_read.field = 'starts_on' and starts_read.text = date_key(staged.starts_on)
left join date_reading as ends_read
    on ends_read.field = 'ends_on' and ends_read.text = date_key(staged.ends_on)
left join date_reading as replaced_read
    on replaced_read.field = 'replaced_on' and replaced_read.text = date_key(staged.replaced_on)
left join date_reading as opted_out_read
    on opted_out_read.field = 'opted_out_on' and opted_out_read.text = date_key(staged.opted_out_on)
left join date_reading as erased_read
    on erased_read.field = 'erased_on' and erased_read.text = date_key(staged.erased_on)
left join date_reading as identity_asked_read
    on identity_asked_read.field = 'identity_asked_on' and identity_asked_read.text = date_key(staged.identity_asked_on)
left join date_reading as identity_answered_read
    on identity_answered_read.field = 'identity_answered_on' and identity_answered_read.text = date_key(staged.identity_answered_on)
left join date_reading as extended_read
    on extended_read.field = 'extended_on' and extended_read.text = date_key(staged.extended_on)
left join date_reading as forwarded_read
    on forwarded_read.field = 'forwarded_on' and forwarded_read.text = date_key(staged.forwarded_on)
left join date_reading as closed_read
    on closed_read.field = 'closed_on' and closed_read.text = date_key(staged.closed_on)
left join date_reading as set_read
    on set_read.field = 'set_at' and set_read.text = staged.set_at
left join date_reading as received_read
    on received_read.field = 'received_at' and received_read.text = staged.received_at
