-- Keeps, as their own, the contracts that organisations had by whoever took them over, where the source says no more who did:
-- by what they once had themselves they would be customers, or prospects, of long ago. By the source's word there are none.
insert into build.contract by name
with lost as (
    select distinct heir.org_id as its_org_id, was.*
    from heirs('old.organisation') as heir
    inner join earlier_contract as was on was.org_id = heir.heir_id
    -- Without any date it was gone before, and that was accepted.
    where (was.starts_on is not null or was.ends_on is not null or was.fault_code is not null)
        and (heir.org_id, heir.heir_id) not in (select (org_id, heir_id) from heirs('build.organisation'))
        -- What was kept before, by this way or another, says it already.
        and not exists (
            select 1
            from build.contract
            where contract.org_id = heir.org_id
                and contract.starts_on is not distinct from was.starts_on
                and contract.ends_on is not distinct from was.ends_on
        )
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
