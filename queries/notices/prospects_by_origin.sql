-- Prospects by the source that has them, its word for where they come from, whether they were met, and when they were
-- registered there. One of several sources, or of several words, is counted with each.
-- grain: source x word x is_met x registered_on
-- holds figures
select
    record.source,
    lower(trim(coalesce(record.origin, ''))) as word,
    basis.met_on is not null and basis.met_on <= cast(:as_of as date) as is_met,
    record.registered_on,
    count(distinct basis.person_id) as persons
from basis_status
inner join basis on basis.basis_id = basis_status.basis_id
inner join basis_record on basis_record.basis_id = basis.basis_id
inner join record on record.record_id = basis_record.record_id
where basis_status.category = 'PROSPECT'
    and basis_status.status <> 'PURGED'
    -- Who was a customer's contact was not found anywhere.
    and basis.reclassified_from is null
group by record.source, word, is_met, record.registered_on
order by record.source, word, is_met, record.registered_on
