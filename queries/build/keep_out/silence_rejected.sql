-- Drops the text of a row that could not be read where it holds somebody on the list.
update quarantine_row
set line = null
where dataset = $dataset
    and row_no in (select row_no from reject)
    and row_no in (select row_no from suppressed_hit where dataset = $dataset)
