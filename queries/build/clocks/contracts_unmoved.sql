-- What the export before said of contracts, in a build that was made before those were kept; grain: one row per contract.
create or replace temp view earlier_contract as
select
    dataset,
    source,
    contract_key,
    org_id,
    starts_on,
    ends_on,
    fault_code,
    fault_field,
    fault_value,
    null::integer as moved_build,
    null::struct(starts_on date, ends_on date) as told
from old.contract
