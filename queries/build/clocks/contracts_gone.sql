-- Keeps the contracts that the export at hand has no more, or has as another organisation's, and nothing new of the
-- organisation in their place, as the export before told them: whose last contract is missing would be a prospect of long
-- ago, and be purged. The source's word, that there is none, stands beside it, without dates.
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
replaced as (
    select org_id
    from told
    where (contract_key, org_id) not in (select (contract_key, org_id) from earlier_contract where dataset = $dataset)
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
where org_id not in (from replaced)
