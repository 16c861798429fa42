-- Keeps, as their own, the contracts of organisations that had them by whoever took them over, where the source says no more
-- who did, and nothing else is there: they would be prospects of long ago. By the source's word there are none.
insert into build.contract by name
with contracted as (
    select heir.org_id
    from heirs('build.organisation') as heir
    inner join build.contract on contract.org_id = heir.heir_id
),
lost as (
    select distinct heir.org_id as its_org_id, was.*
    from heirs('old.organisation') as heir
    inner join earlier_contract as was on was.org_id = heir.heir_id
    -- Without any date it was gone before, and that was accepted.
    where (was.starts_on is not null or was.ends_on is not null or was.fault_code is not null)
        and heir.org_id not in (from contracted)
)
select
    dataset,
    source,
    contract_key || '@' || its_org_id as contract_key,
    its_org_id as org_id,
    starts_on,
    ends_on,
    fault_code,
    fault_field,
    fault_value,
    $build as moved_build,
    'contract.starts_on' as moved_field,
    null::date as moved_to,
    struct_pack(starts_on := null::date, ends_on := null::date) as told
from lost
