-- Keeps, as their own, the contracts of organisations that had them by whoever took them over, where the source says no more
-- who did, and nothing else is there: they would be prospects of long ago. By the source's word there are none.
insert into build.contract by name
with recursive heir_before as (
    select org_id, org_id as heir_id, 0 as steps
    from old.organisation
    union
    select heir_before.org_id, organisation.successor_id, heir_before.steps + 1
    from heir_before
    inner join old.organisation on organisation.org_id = heir_before.heir_id
    where organisation.successor_id is not null and heir_before.steps < 10
),
heir as (
    select org_id, org_id as heir_id, 0 as steps
    from build.organisation
    union
    select heir.org_id, organisation.successor_id, heir.steps + 1
    from heir
    inner join build.organisation on organisation.org_id = heir.heir_id
    where organisation.successor_id is not null and heir.steps < 10
),
contracted as (
    select heir.org_id from heir inner join build.contract on contract.org_id = heir.heir_id
),
lost as (
    select distinct
        heir_before.org_id as its_org_id,
        was.*,
        old.contract.source,
        old.contract.fault_field,
        old.contract.fault_value
    from heir_before
    inner join earlier_contract as was on was.org_id = heir_before.heir_id
    inner join old.contract
        on old.contract.dataset = was.dataset
        and old.contract.contract_key = was.contract_key
        and old.contract.org_id = was.org_id
    -- Without any date it was gone before, and that was accepted.
    where (was.starts_on is not null or was.ends_on is not null or was.fault_code is not null)
        and heir_before.org_id not in (from contracted)
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
