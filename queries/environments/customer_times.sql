-- Time in which the organisations that have environments were customers, by all of their contracts.
-- grain: one row per organisation x span
-- holds figures
select island.org_id, island.starts_on, island.ends_on
from island
where exists (
    select 1
    from environment
    inner join contract on contract.contract_key = environment.contract_key
    where contract.org_id = island.org_id
)
or exists (
    select 1
    from environment
    inner join organisation on substr(organisation.org_id, length(organisation.source) + 2) = environment.org_key
    where organisation.org_id = island.org_id
)
order by island.org_id, island.starts_on
