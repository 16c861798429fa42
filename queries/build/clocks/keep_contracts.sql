-- Gives the contracts that the source moved their earlier dates, and keeps beside them what it says now.
update build.contract
set
    told = struct_pack(starts_on := contract.starts_on, ends_on := contract.ends_on),
    moved_build = moved_contract.moved_build,
    moved_field = moved_contract.moved_field,
    moved_to = moved_contract.moved_to,
    starts_on = moved_contract.starts_on,
    ends_on = moved_contract.ends_on
from moved_contract
where moved_contract.rid = contract.rowid
