-- Time as a customer, per organisation. A contract that went over to a successor still counts for its predecessor.
create temp table org_contract as
select distinct
    heir.org_id,
    contract.contract_key,
    contract.dataset,
    contract.source,
    contract.starts_on,
    contract.ends_on,
    contract.moved_build,
    contract.moved_field,
    contract.moved_to,
    contract.told,
    contract.fault_code,
    contract.fault_field,
    contract.fault_value
from heirs('build.organisation') as heir
inner join build.contract on contract.org_id = heir.heir_id;

-- As it counts, and, of those of which a contract was moved, as it would if the source were believed.
create temp table customer_time as
with spans as (
    select
        org_id,
        false as is_told,
        coalesce(starts_on, ends_on) as starts_on,
        coalesce(ends_on, date '9999-12-31') as ends_on
    from org_contract
    where fault_code is null
    union all
    select
        org_id,
        true,
        if(moved_build is null, coalesce(starts_on, ends_on), coalesce(told.starts_on, told.ends_on)),
        coalesce(if(moved_build is null, ends_on, told.ends_on), date '9999-12-31')
    from org_contract
    where fault_code is null
        and org_id in (select org_id from org_contract where moved_build is not null)
        -- One that the source has no more is no time of theirs, by its word.
        and (moved_build is null or told.starts_on is not null or told.ends_on is not null)
),
edged as (
    select
        *,
        coalesce(
            starts_on > max(ends_on) over (
                partition by is_told, org_id
                order by starts_on, ends_on
                rows between unbounded preceding and 1 preceding
            ) + 1,
            false
        ) as begins
    from spans
),
numbered as (
    select *, sum(begins::integer) over (partition by is_told, org_id order by starts_on, ends_on) as island_no
    from edged
)
select is_told, org_id, min(starts_on) as starts_on, nullif(max(ends_on), date '9999-12-31') as ends_on
from numbered
group by is_told, org_id, island_no;

insert into build.island
select org_id, starts_on, ends_on
from customer_time
where not is_told;

insert into build.told_island
select org_id, starts_on, ends_on
from customer_time
where is_told;

insert into build.moved_contract
select
    org_id,
    dataset,
    source,
    moved_build,
    first(moved_field order by moved_to desc nulls first, contract_key),
    first(moved_to order by moved_to desc nulls first, contract_key)
from org_contract
where moved_build is not null
group by org_id, dataset, source, moved_build;

create temp table org_fault as
select org_id, first(struct_pack(code := fault_code, field := fault_field, val := fault_value) order by contract_key) as fault
from org_contract
where fault_code is not null
group by org_id;
