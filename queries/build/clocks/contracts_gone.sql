-- Keeps the contracts that the export at hand has no more, or has as another organisation's, and nothing new of the
-- organisation that may stand in their place, as the export before told them: whose last contract is missing would be a
-- prospect of long ago, and be purged. The source's word, that there is none, stands beside it, without dates.
insert into build.contract by name
with told as (
    select contract_key, org_id from build.contract where dataset = $dataset
),
gone as (
    select *
    from earlier_contract
    where dataset = $dataset
        -- Without any date it was gone before, and that was accepted.
        and (starts_on is not null or ends_on is not null or fault_code is not null)
        and (contract_key, org_id) not in (from told)
),
-- What came beside it takes the place of one that went where both begin on one day, or where the other is in force as long.
come as (
    select org_id, starts_on, ends_on, fault_code
    from build.contract
    where dataset = $dataset
        and (contract_key, org_id) not in (select (contract_key, org_id) from earlier_contract where dataset = $dataset)
),
before as (
    select cast(timezone('Europe/Stockholm', exported_at) as date) as told_on
    from old.export
    where dataset = $dataset
),
replaced as (
    select gone.contract_key, gone.org_id
    from gone
    cross join before
    inner join come on come.org_id = gone.org_id
    where come.fault_code is not null
        or come.starts_on is not distinct from gone.starts_on
        or come.ends_on is null
        or come.ends_on >= coalesce(gone.ends_on, before.told_on)
)
select
    dataset,
    source,
    -- The same number may be another organisation's by now.
    if(contract_key in (select contract_key from told), contract_key || '@' || org_id, contract_key) as contract_key,
    org_id,
    starts_on,
    ends_on,
    fault_code,
    fault_field,
    fault_value,
    if(told.starts_on is null and told.ends_on is null and moved_build is not null, moved_build, $build) as moved_build,
    'contract.starts_on' as moved_field,
    null::date as moved_to,
    struct_pack(starts_on := null::date, ends_on := null::date) as told
from gone
where (contract_key, org_id) not in (from replaced)
