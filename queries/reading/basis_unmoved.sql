-- The entries of a build that was made before anything was compared with what a source said before.
select
    *,
    null::varchar as moved_dataset,
    null::integer as moved_build,
    null::varchar as moved_field,
    null::date as moved_to
from build.main.basis
