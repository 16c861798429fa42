-- Time as a customer with the dates that a source tells of contracts, of organisations of which all that were moved were
-- accepted after the build was made: they count at once, and the next build has them. Who by the source's word was never a
-- customer is somebody else's business, a prospect's, which only the next build can say: until then the time is as before.
with waiting as (
    select moved_contract.org_id
    from build.main.moved_contract
    left join accepted_move as accepted
        on accepted.dataset = moved_contract.dataset
        and accepted.build = moved_contract.build
        and accepted.number = 0
    where accepted.build is null
),
taken as (
    select distinct org_id
    from build.main.moved_contract
    where org_id not in (select org_id from waiting)
        and org_id in (select org_id from build.main.told_island)
)
select island.*
from build.main.island
where org_id not in (select org_id from taken)
union all
select told_island.*
from build.main.told_island
where org_id in (select org_id from taken)
