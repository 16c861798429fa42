-- The different values of every date column of the export at hand that are not plainly written, and one row for those
-- that are (text null), with how often each stands there. Of a date's column, values that differ in a time are one.
create or replace temp table date_value as
with told as (
    select 'registered_on' as field, registered_on as told, count(*) as times from staged group by registered_on
    union all select 'met_on', met_on, count(*) from staged group by met_on
    union all select 'inbound_on', inbound_on, count(*) from staged group by inbound_on
    union all select 'designated_on', designated_on, count(*) from staged group by designated_on
    union all select 'role_until', role_until, count(*) from staged group by role_until
    union all select 'left_org_on', left_org_on, count(*) from staged group by left_org_on
    union all select 'starts_on', starts_on, count(*) from staged group by starts_on
    union all select 'ends_on', ends_on, count(*) from staged group by ends_on
    union all select 'replaced_on', replaced_on, count(*) from staged group by replaced_on
    union all select 'opted_out_on', opted_out_on, count(*) from staged group by opted_out_on
    union all select 'erased_on', erased_on, count(*) from staged group by erased_on
    union all select 'identity_asked_on', identity_asked_on, count(*) from staged group by identity_asked_on
    union all select 'identity_answered_on', identity_answered_on, count(*) from staged group by identity_answered_on
    union all select 'extended_on', extended_on, count(*) from staged group by extended_on
    union all select 'forwarded_on', forwarded_on, count(*) from staged group by forwarded_on
    union all select 'closed_on', closed_on, count(*) from staged group by closed_on
    union all select 'set_at', set_at, count(*) from staged group by set_at
    union all select 'received_at', received_at, count(*) from staged group by received_at
)
select
    field,
    case
        when not is_plain(told) then if(field in ('set_at', 'received_at'), told, date_key(told))
    end as text,
    min(told) as first_told,
    max(told) as last_told,
    sum(times) as times
from told
where told is not null
group by 1, 2
