-- The same of a build that was made before anything was compared.
create or replace temp view earlier as
select
    record_id,
    dataset,
    category,
    email_key,
    phone_key,
    name_key,
    org_id,
    registered_on,
    designated_on,
    left_org_on,
    starts_on,
    ends_on,
    replaced_on,
    met_on,
    inbound_on,
    null::integer as moved_build,
    null::struct(
        registered_on date, designated_on date, left_org_on date, starts_on date, ends_on date, replaced_on date,
        met_on date, inbound_on date
    ) as told,
    null::integer as number
from old.record
where erased_on is null
