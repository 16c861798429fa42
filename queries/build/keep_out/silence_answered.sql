-- Drops the text of a form's row that stays out where its request is closed, by the register or by its own word: nobody
-- is to be found by it any more.
update quarantine_row
set line = null
where dataset = $dataset
    and row_no in (
        select dated.row_no
        from dated
        left join answered on answered.source = $source and answered.reference = dated.reference
        where answered.reference is not null or dated.closed_on_day is not null
    )
