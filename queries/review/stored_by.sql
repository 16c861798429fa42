-- How many distinct persons are stored along one cut: category, source, or purpose with ground.
-- grain: one row per value of the cut
-- holds figures
with cut as (
    select
        basis_status.person_id,
        case cast(:cut as varchar(10))
            when 'category' then basis_status.category
            when 'source' then basis_status.source
            else coalesce(rule.purpose, '-')
        end as value,
        case when cast(:cut as varchar(10)) = 'purpose' then coalesce(rule.ground, '-') end as ground
    from basis_status
    left join rule on rule.category = basis_status.category
    where basis_status.status <> 'PURGED'
)
select
    value,
    ground,
    count(distinct person_id) as persons,
    count(*) as bases
from cut
group by value, ground
order by persons desc, value
