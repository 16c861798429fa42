-- Drops the text of a form's row that stays out where its request is closed and nobody is to be found by it any more.
update quarantine_row
set line = null
where dataset = $dataset
    and row_no in (
        select staged.row_no
        from staged
        inner join answered on answered.source = $source and answered.reference = staged.reference
    )
