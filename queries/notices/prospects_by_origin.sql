-- Prospects by the source that has them, its word for where they come from, whether they were met, when they were
-- registered there, and when something was first mailed to them after that. One of several sources, or of several words,
-- is counted with each.
-- grain: source x word x is_met x registered_on x first_mailed_on
-- holds figures
with prospect as (
    select
        record.source,
        lower(trim(coalesce(record.origin, ''))) as word,
        basis.met_on is not null and basis.met_on <= cast(:as_of as date) as is_met,
        record.registered_on,
        basis.person_id
    from basis_status
    inner join basis on basis.basis_id = basis_status.basis_id
    inner join basis_record on basis_record.basis_id = basis.basis_id
    inner join record on record.record_id = basis_record.record_id
    where basis_status.category = 'PROSPECT'
        and basis_status.status <> 'PURGED'
        -- Who was a customer's contact was not found anywhere.
        and basis.reclassified_from is null
),
mailed as (
    -- The days are no condition of the join: a range is joined before addresses are, each prospect with each mailing.
    select
        prospect.person_id,
        prospect.registered_on,
        min(
            case when mailing.sent_on >= prospect.registered_on and mailing.sent_on <= cast(:as_of as date) then mailing.sent_on end
        ) as first_mailed_on
    from (select distinct person_id, registered_on from prospect) as prospect
    inner join person_address on person_address.person_id = prospect.person_id
    inner join mailing on mailing.address = person_address.address
    group by prospect.person_id, prospect.registered_on
)
select
    prospect.source,
    prospect.word,
    prospect.is_met,
    prospect.registered_on,
    mailed.first_mailed_on,
    count(distinct prospect.person_id) as persons
from prospect
left join mailed
    on mailed.person_id = prospect.person_id and mailed.registered_on = prospect.registered_on
group by prospect.source, prospect.word, prospect.is_met, prospect.registered_on, mailed.first_mailed_on
order by prospect.source, prospect.word, prospect.is_met, prospect.registered_on, mailed.first_mailed_on
