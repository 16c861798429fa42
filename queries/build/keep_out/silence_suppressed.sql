-- Drops the text of a row that stays out where it holds the address of somebody on the list.
update quarantine_row
set line = null
where dataset = $dataset
    and row_no in (
        select guarded.row_no
        from guarded
        inner join suppressed on suppressed.email_digest = keyed('email|' || guarded.email_key)
        where suppressed.key_id = $key_id
    )
