-- Rows whose cells may not stand in their columns, since a text before them has a delimiter that is not quoted: of what is
-- told by its looks (addresses, days, numbers) nothing is in its own column, and something else is. They surely do not
-- where one of them stands one or two columns further on, where nothing of its kind belongs, and where the row has more
-- cells than all others (`wide`); only those have their cells here. Grain: row. Holds persons.
with looked_at as (
    select row_no, [*columns(name -> name <> 'row_no')] as cells
    from raw
    where row_no not in (select row_no from raw where has_sign(columns(name -> list_contains($names, name))))
),
judged as (
    select
        *,
        [looks_like(cells[one.at], one.kind) for one in $told] as own,
        list_contains([looks_like(cells[one.at], one.kind) for one in $beside], true)
        or list_contains($wide, row_no) as is_sure
    from looked_at
)
select row_no, if(is_sure, cells, null) as cells
from judged
where list_contains(own, false) and not list_contains(own, true)
order by row_no
