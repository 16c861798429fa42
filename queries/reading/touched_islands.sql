-- The time as a customer of the organisations that touched entries belong to.
select *
from build.main.island
where org_id in (select org_id from basis)
