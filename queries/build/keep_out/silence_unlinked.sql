-- Drops the text of vouchers that stay out where they name an erased engagement, unless somebody else of the source has
-- its key: they are that person's, once they are put right.
update quarantine_row
set line = null
where (dataset, row_no) in (
    select (unlinked_row.dataset, unlinked_row.row_no)
    from unlinked_row
    anti join build.record
        on record.source = unlinked_row.source
        and record.source_key = unlinked_row.relation_key
        and record.category in ('EMPLOYEE', 'CONTRACTOR')
)
