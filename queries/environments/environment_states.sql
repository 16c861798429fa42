-- Customers' environments as they were told last, each with the customer that has it: by its contract, else by the
-- customer's key. Where that leads to several, nobody can say whose it is.
-- grain: one row per environment
-- holds figures
with named as (
    select environment.source, environment.environment_key, contract.org_id
    from environment
    inner join contract on contract.contract_key = environment.contract_key
    union
    select environment.source, environment.environment_key, organisation.org_id
    from environment
    inner join organisation on substr(organisation.org_id, length(organisation.source) + 2) = environment.org_key
    where environment.contract_key is null
        or environment.contract_key not in (select contract.contract_key from contract)
),
customer as (
    select source, environment_key, min(org_id) as org_id
    from named
    group by source, environment_key
    having count(distinct org_id) = 1
)
select
    environment.source,
    environment.environment_key,
    customer.org_id,
    organisation.org_name,
    environment.contract_key,
    environment.agreement,
    environment.has_defaults,
    environment.auto_clean,
    environment.period_customised,
    environment.default_days,
    environment.period_days,
    environment.period_changed_on,
    environment.cleaned_on,
    environment.restore_tested_on,
    environment.closed_on,
    environment.unread
from environment
left join customer
    on customer.source = environment.source and customer.environment_key = environment.environment_key
left join organisation on organisation.org_id = customer.org_id
order by environment.environment_key, environment.source
