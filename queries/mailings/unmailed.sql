-- Contacts and prospects who have been stored since :since at least, and to whom nothing was sent after it: of them those who
-- have opted out, and those without an address.
-- grain: category
-- holds figures
with mailed as (
    select distinct person_address.person_id
    from mailing
    inner join person_address on person_address.address = mailing.address
    where mailing.sent_on > cast(:since as date) and mailing.sent_on <= cast(:as_of as date)
),
stored as (
    select
        basis_status.category,
        basis_status.person_id,
        bool_or(basis_status.opted_out) as opted_out
    from basis_status
    inner join basis on basis.basis_id = basis_status.basis_id
    where basis_status.category in ('CUSTOMER_CONTACT', 'PROSPECT')
        and basis_status.status <> 'PURGED'
        and coalesce(basis.registered_on, cast(:since as date)) <= cast(:since as date)
    group by basis_status.category, basis_status.person_id
)
select
    stored.category,
    count(*) as persons,
    count(*) filter (where stored.opted_out) as opted_out,
    count(*) filter (where reached.person_id is null) as without_address
from stored
left join mailed on mailed.person_id = stored.person_id
left join (select distinct person_id from person_address) as reached on reached.person_id = stored.person_id
where mailed.person_id is null
group by stored.category
order by stored.category
