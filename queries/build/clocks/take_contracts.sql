-- Takes carried-over contracts out that the source had no more, where that was accepted since.
delete from build.contract
using accepted_move
where accepted_move.dataset = contract.dataset
    and accepted_move.build = contract.moved_build
    and accepted_move.number = 0
    and contract.told.starts_on is null
    and contract.told.ends_on is null;

-- Gives carried-over contracts the dates that the source told, where they were accepted since.
update build.contract
set
    starts_on = contract.told.starts_on,
    ends_on = contract.told.ends_on,
    moved_build = null,
    moved_field = null,
    moved_to = null,
    told = null
from accepted_move
where accepted_move.dataset = contract.dataset
    and accepted_move.build = contract.moved_build
    and accepted_move.number = 0
