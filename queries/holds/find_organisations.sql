-- Organisations with entries in the copy, by a part of their name or of their key.
-- grain: one row per organisation
-- holds persons
-- A sole trader's firm may be called what its owner is.
select
    basis_status.org_id,
    max(basis.org_name) as org_name,
    count(*) as bases
from basis_status
inner join basis on basis.basis_id = basis_status.basis_id
where basis_status.status <> 'PURGED'
    and (
        position(lower(cast(:search as varchar(200))) in lower(basis.org_name)) > 0
        or position(lower(cast(:search as varchar(200))) in lower(basis_status.org_id)) > 0
    )
group by basis_status.org_id
order by org_name, basis_status.org_id
limit cast(:rows as integer)
