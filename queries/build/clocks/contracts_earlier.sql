-- What earlier exports said of contracts, with the source's word where it was accepted; grain: one row per contract.
create or replace temp view earlier_contract as
select
    contract.dataset,
    contract.source,
    contract.contract_key,
    contract.org_id,
    if(accepted.build is null, contract.starts_on, contract.told.starts_on) as starts_on,
    if(accepted.build is null, contract.ends_on, contract.told.ends_on) as ends_on,
    contract.fault_code,
    contract.fault_field,
    contract.fault_value,
    if(accepted.build is null, contract.moved_build, null) as moved_build,
    if(accepted.build is null, contract.told, null) as told
from old.contract
left join accepted_move as accepted
    on accepted.dataset = contract.dataset and accepted.build = contract.moved_build and accepted.number = 0
