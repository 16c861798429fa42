-- The time as a customer of the organisations that touched entries belong to, as the reading before saw it: with contracts
-- whose dates were accepted since the build.
select *
from island
where org_id in (select org_id from basis)
