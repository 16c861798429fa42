-- Time as a customer, per organisation. A contract that went over to a successor still counts for its predecessor.
create temp table org_contract as
with recursive heir as (
    select org_id, org_id as heir_id, 0 as steps
    from build.organisation
    union
    select heir.org_id, organisation.successor_id, heir.steps + 1
    from heir
    inner join build.organisation on organisation.org_id = heir.heir_id
    -- A chain of mergers is short; the bound ends a circle that a source may state by mistake.
    where organisation.successor_id is not null and heir.steps < 10
)
select distinct
    heir.org_id,
    contract.contract_key,
    contract.starts_on,
    contract.ends_on,
    contract.fault_code,
    contract.fault_field,
    contract.fault_value
from heir
inner join build.contract on contract.org_id = heir.heir_id;

insert into build.island
with spans as (
    select
        org_id,
        coalesce(starts_on, ends_on) as starts_on,
        coalesce(ends_on, date '9999-12-31') as ends_on
    from org_contract
    where fault_code is null
),
edged as (
    select
        *,
        coalesce(
            starts_on > max(ends_on) over (
                partition by org_id order by starts_on, ends_on rows between unbounded preceding and 1 preceding
            ) + 1,
            false
        ) as begins
    from spans
),
numbered as (
    select *, sum(begins::integer) over (partition by org_id order by starts_on, ends_on) as island_no
    from edged
)
select org_id, min(starts_on), nullif(max(ends_on), date '9999-12-31')
from numbered
group by org_id, island_no;

create temp table org_fault as
select org_id, first(struct_pack(code := fault_code, field := fault_field, val := fault_value) order by contract_key) as fault
from org_contract
where fault_code is not null
group by org_id;
