-- Takes the rows out that have nothing in them.
delete from raw_text
where rowid in (
    select place
    from (select rowid as place, coalesce(*columns(*)) as first_cell from raw_text)
    where first_cell is null
)
