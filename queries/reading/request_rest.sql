-- What is stored of whom each request is surely from, by what keeps it from being erased; of what the law keeps, until
-- when.
-- grain: request x category x what keeps it
-- holds persons
select
    request_candidate.source,
    request_candidate.reference,
    basis_status.category,
    basis_status.has_hold as held,
    basis_status.restricted,
    needed_for_claims.basis_id is not null as needed,
    case when basis_status.statutory_until >= evaluation.as_of then basis_status.statutory_until end as statutory_until,
    count(*) as bases
from request_candidate
inner join basis_status on basis_status.person_id = request_candidate.person_id
left join needed_for_claims on needed_for_claims.basis_id = basis_status.basis_id
cross join evaluation
where request_candidate.is_sure and basis_status.status <> 'PURGED'
group by
    request_candidate.source,
    request_candidate.reference,
    basis_status.category,
    basis_status.has_hold,
    basis_status.restricted,
    needed_for_claims.basis_id is not null,
    case when basis_status.statutory_until >= evaluation.as_of then basis_status.statutory_until end
