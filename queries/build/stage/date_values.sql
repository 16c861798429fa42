-- The different values of every date column of the export at hand, with how often each stands there.
create or replace temp table date_value as
with told as (
    select 'registered_on' as field, registered_on as text, count(*) as times from staged group by all
    union all select 'met_on', met_on, count(*) from staged group by all
    union all select 'inbound_on', inbound_on, count(*) from staged group by all
    union all select 'designated_on', designated_on, count(*) from staged group by all
    union all select 'role_until', role_until, count(*) from staged group by all
    union all select 'left_org_on', left_org_on, count(*) from staged group by all
    union all select 'starts_on', starts_on, count(*) from staged group by all
    union all select 'ends_on', ends_on, count(*) from staged group by all
    union all select 'replaced_on', replaced_on, count(*) from staged group by all
    union all select 'opted_out_on', opted_out_on, count(*) from staged group by all
    union all select 'erased_on', erased_on, count(*) from staged group by all
    union all select 'identity_asked_on', identity_asked_on, count(*) from staged group by all
    union all select 'identity_answered_on', identity_answered_on, count(*) from staged group by all
    union all select 'extended_on', extended_on, count(*) from staged group by all
    union all select 'forwarded_on', forwarded_on, count(*) from staged group by all
    union all select 'closed_on', closed_on, count(*) from staged group by all
    union all select 'set_at', left(set_at, 11), count(*) from staged group by all
    union all select 'received_at', left(received_at, 11), count(*) from staged group by all
)
select * from told where text is not null
