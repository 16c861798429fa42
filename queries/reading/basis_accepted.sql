-- The entries with the dates that their source tells where those were accepted after the build was made: they count at
-- once, and the next build has them.
select
    basis.* replace (
        if(accepted.build is null, basis.registered_on, basis.told.registered_on) as registered_on,
        if(accepted.build is null, basis.left_org_on, basis.told.left_org_on) as left_org_on,
        if(accepted.build is null, basis.starts_on, basis.told.starts_on) as starts_on,
        if(accepted.build is null, basis.ends_on, basis.told.ends_on) as ends_on,
        if(accepted.build is null, basis.replaced_on, basis.told.replaced_on) as replaced_on,
        if(accepted.build is null, basis.met_on, basis.told.met_on) as met_on,
        if(accepted.build is null, basis.inbound_on, basis.told.inbound_on) as inbound_on,
        if(accepted.build is null, basis.moved_build, null) as moved_build
    )
from basis_whole as basis
left join entry_successor
    on entry_successor.basis_id = basis.basis_id
    and entry_successor.dataset = basis.moved_dataset
    and entry_successor.build = basis.moved_build
left join accepted_move as accepted
    on accepted.dataset = basis.moved_dataset
    and accepted.build = basis.moved_build
    and accepted.number = coalesce(entry_successor.number, 0)
