-- Records of one person that speak of the same relationship become one basis; only tied records can.
create temp table merged as
with tied as (
    select settled.*
    from settled
    where settled.rid in (select rid from label)
        and settled.category in (
            'CUSTOMER_CONTACT', 'PROSPECT', 'EMPLOYEE', 'CONTRACTOR', 'SUPPLIER_REP', 'PARTNER_REP'
        )
),
-- Being designated again after the organisation came back is a new relationship with its own clock.
island_of as (
    select tied.rid, max(island.starts_on) as island_start
    from tied
    left join build.island on island.org_id = tied.org_id and island.starts_on <= tied.registered_on
    where tied.category = 'CUSTOMER_CONTACT'
    group by tied.rid
),
-- Engagements of one kind with a gap of at most one day are one engagement.
engaged as (
    select
        rid,
        person_id,
        category,
        source,
        starts_on,
        coalesce(ends_on, date '9999-12-31') as ends_on
    from tied
    where category in ('EMPLOYEE', 'CONTRACTOR')
        and fault is null and coalesce(ends_on, date '9999-12-31') >= starts_on
),
edged as (
    select
        *,
        coalesce(
            starts_on > max(ends_on) over (
                partition by person_id, category, source order by starts_on, ends_on, rid
                rows between unbounded preceding and 1 preceding
            ) + 2,
            false
        ) as begins
    from engaged
),
stretch as (
    select
        rid,
        sum(begins::integer) over (
            partition by person_id, category, source order by starts_on, ends_on, rid
        ) as stretch_no
    from edged
),
keyed as (
    select
        tied.*,
        case
            when tied.category = 'CUSTOMER_CONTACT'
                then coalesce(tied.org_id, '') || '|' || coalesce(cast(island_of.island_start as varchar), '')
            when tied.category = 'PROSPECT' then ''
            when tied.category in ('SUPPLIER_REP', 'PARTNER_REP') then coalesce(tied.org_id, tied.record_id)
            else coalesce(cast(stretch.stretch_no as varchar), tied.record_id)
        end as relation
    from tied
    left join island_of on island_of.rid = tied.rid
    left join stretch on stretch.rid = tied.rid
)
select
    *,
    first_value(rid) over same_relation as anchor,
    count(*) over same_relation as records
from keyed
window same_relation as (
    partition by person_id, category, source, relation order by source_key
    rows between unbounded preceding and unbounded following
)
qualify records > 1;
