-- The contracts of the export at hand that begin later than the export before it said, or end later or no more although
-- they were over by then, with the dates that they keep; grain: one row per contract. One whose dates cannot be is no move:
-- nothing is decided by it.
create or replace temp table moved_contract as
with before as (
    select cast(timezone('Europe/Stockholm', exported_at) as date) as told_on
    from old.export
    where dataset = $dataset
),
-- Of organisations of which contracts went, those that came under another number: the same ones first, by their dates,
-- then the others in their order.
gone as (
    select
        *,
        row_number() over (partition by org_id, starts_on, ends_on order by contract_key) as turn
    from earlier_contract
    where dataset = $dataset
        and fault_code is null
        and contract_key not in (select contract_key from build.contract where dataset = $dataset)
),
come as (
    select
        rowid as rid,
        *,
        row_number() over (partition by org_id, starts_on, ends_on order by contract_key) as turn
    from build.contract
    where dataset = $dataset
        and fault_code is null
        and contract_key not in (select contract_key from earlier_contract where dataset = $dataset)
        and org_id in (select org_id from gone)
),
gone_in_order as (
    select
        gone.contract_key,
        gone.org_id,
        row_number() over (partition by gone.org_id order by gone.starts_on, gone.ends_on, gone.contract_key) as place
    from gone
    anti join come
        on come.org_id = gone.org_id
        and come.starts_on is not distinct from gone.starts_on
        and come.ends_on is not distinct from gone.ends_on
        and come.turn = gone.turn
),
come_in_order as (
    select
        come.rid,
        come.org_id,
        row_number() over (partition by come.org_id order by come.starts_on, come.ends_on, come.contract_key) as place
    from come
    anti join gone
        on gone.org_id = come.org_id
        and gone.starts_on is not distinct from come.starts_on
        and gone.ends_on is not distinct from come.ends_on
        and gone.turn = come.turn
),
known_as as (
    select rowid as rid, contract_key
    from build.contract
    where dataset = $dataset
    union all
    select come_in_order.rid, gone_in_order.contract_key
    from come_in_order
    inner join gone_in_order on gone_in_order.org_id = come_in_order.org_id and gone_in_order.place = come_in_order.place
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
    from known_as
    inner join build.contract on contract.rowid = known_as.rid
    inner join earlier_contract as was on was.dataset = $dataset and was.contract_key = known_as.contract_key
    cross join before
    where contract.fault_code is null and was.fault_code is null
),
-- One that begins after the old one had ended is a new contract; many on one day are a migration's.
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
