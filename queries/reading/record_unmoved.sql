-- The records of a build that was made before anything was compared with what a source said before.
select
    *,
    null::integer as moved_build,
    null::struct(
        registered_on date, designated_on date, left_org_on date, starts_on date, ends_on date, replaced_on date,
        met_on date, inbound_on date
    ) as told
from build.main.record
