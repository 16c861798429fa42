-- The contracts of the export at hand that begin later than the export before it said, or end later or no more although
-- they were over by then, with the dates that they keep; grain: one row per contract. One whose dates cannot be is no move:
-- nothing is decided by it.
create or replace temp table moved_contract as
with before as (
    select cast(timezone('Europe/Stockholm', exported_at) as date) as told_on
    from old.export
    where dataset = $dataset
),
met as (
    select
        contract.rowid as rid,
        contract.starts_on,
        contract.ends_on,
        was,
        before.told_on,
        coalesce(was.ends_on < contract.starts_on, false) as begins_after,
        count(*) filter (where was.ends_on < contract.starts_on) over (partition by contract.starts_on) as begin_together
    from build.contract
    inner join earlier_contract as was
        on was.dataset = contract.dataset and was.contract_key = contract.contract_key
    cross join before
    where contract.dataset = $dataset and contract.fault_code is null and was.fault_code is null
),
-- One that begins after the old one had ended is a new contract under its number; many on one day are a migration's.
judged as (
    select
        *,
        has_moved(was.starts_on, starts_on) and not (begins_after and begin_together < 3) as starts_moved,
        coalesce(was.ends_on < told_on, false)
        and has_moved(was.ends_on, ends_on)
        and not (begins_after and begin_together < 3) as ends_moved
    from met
)
select
    rid,
    starts_moved,
    ends_moved,
    -- A move that was told before is the same as long as the source says the same of it.
    case
        when was.moved_build is not null
            and (not starts_moved or was.told.starts_on is not distinct from starts_on)
            and (not ends_moved or was.told.ends_on is not distinct from ends_on)
            then was.moved_build
        else $build
    end as moved_build,
    if(ends_moved, 'contract.ends_on', 'contract.starts_on') as moved_field,
    if(ends_moved, ends_on, starts_on) as moved_to,
    if(starts_moved, was.starts_on, starts_on) as starts_on,
    if(ends_moved, was.ends_on, ends_on) as ends_on
from judged
where starts_moved or ends_moved
