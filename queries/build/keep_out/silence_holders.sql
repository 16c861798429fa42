-- Drops the text of grants that stay out where they name an erased person of staff.
update quarantine_row
set line = null
where (dataset, row_no) in (
    select (told_aside.dataset, told_aside.row_no)
    from told_aside
    inner join erased_holder on erased_holder.told in (told_aside.holder, told_aside.approver)
)
