-- Whether the same of the touched entries are stored as before, so that what is counted of stored ones still holds.
select not exists (
    select *
    from now
    inner join status_before on status_before.basis_id = now.basis_id
    where (now.status = 'PURGED') <> (status_before.status = 'PURGED')
)
