-- What a purge would do now with each entry that was chosen for it: delete it, or leave it and why.
-- The preview and the execution read this one statement; :kind is rule, automatic or request.
-- grain: one row per chosen entry
-- holds persons
with open_of_person as (
    -- Whose requests are open, or may be, and whether the batch is what answers them: nobody of whom it is not sure.
    select
        request_candidate.person_id,
        count(*) filter (where answered.reference is null or not request_candidate.is_sure) as others
    from open_request
    inner join request_candidate
        on request_candidate.source = open_request.source and request_candidate.reference = open_request.reference
    left join answered on answered.source = open_request.source and answered.reference = open_request.reference
    where coalesce(request_candidate.verdict, '') <> 'rejected'
    group by request_candidate.person_id
),
-- What was decided to stay of what a request asks that the batch answers.
kept_by_desk as (
    select request_candidate.person_id, kept_of.category, min(kept_of.stays) as stays
    from kept_of
    inner join request_candidate
        on request_candidate.source = kept_of.source and request_candidate.reference = kept_of.reference
    where request_candidate.is_sure
    group by request_candidate.person_id, kept_of.category
),
lost as (
    select source, category, build, 'hold' as what from hold_loss
    union all
    select source, category, build, 'decision' from identity_loss
    union all
    select its_source, category, build, 'request' from request_loss
    union all
    select source, category, build, 'mark' from mark_loss
),
-- What came new when a hold, a restriction or a decision on doubles got lost, or when whoever a request is from was found no
-- longer: it may be them.
new_since as (
    select
        basis.basis_id,
        bool_or(lost.what = 'hold') as a_hold,
        bool_or(lost.what = 'decision') as a_decision,
        bool_or(lost.what = 'mark') as a_mark,
        bool_or(lost.what = 'request') as a_request
    from lost
    inner join basis
        on (lost.source is null or basis.source = lost.source)
        and (lost.category is null or basis.category = lost.category)
    inner join basis_record on basis_record.basis_id = basis.basis_id
    inner join arrival on arrival.record_id = basis_record.record_id and arrival.build >= lost.build
    group by basis.basis_id
),
-- Who is left of two of whom one is lost: the source may have made one row of both.
left_alone as (
    select distinct basis_record.basis_id
    from identity_loss
    inner join decided_record on decided_record.decision_id = identity_loss.decision_id
    inner join basis_record on basis_record.record_id = decided_record.record_id
),
-- Whose date may be somebody else's, as long as nobody has said whose it is: where the new one was accepted, the entry has
-- it already.
whose_date as (
    select entry_successor.basis_id
    from entry_successor
    inner join basis
        on basis.basis_id = entry_successor.basis_id
        and basis.moved_dataset = entry_successor.dataset
        and basis.moved_build = entry_successor.build
    left join kept_move
        on kept_move.dataset = entry_successor.dataset
        and kept_move.build = entry_successor.build
        and kept_move.number = entry_successor.number
    where kept_move.number is null
),
-- Whom a hold or a restriction may be on as well, since two persons may be one.
double_of_held as (
    select possible_double.person_a as person_id, possible_double.person_b as other_id from possible_double
    union all
    select possible_double.person_b, possible_double.person_a from possible_double
),
maybe_held as (
    select distinct double_of_held.person_id
    from double_of_held
    inner join basis_status on basis_status.person_id = double_of_held.other_id
    inner join hold
        on (hold.scope = 'person' and hold.scope_key = basis_status.person_id)
        or (hold.scope = 'basis' and hold.scope_key = basis_status.basis_id)
    where hold.placed_on <= cast(:as_of as date)
        and (hold.released_on is null or hold.released_on > cast(:as_of as date))
),
maybe_restricted as (
    select distinct double_of_held.person_id
    from double_of_held
    inner join marked on marked.person_id = double_of_held.other_id
    where marked.is_restricted
)
select
    chosen.basis_key,
    basis_status.basis_id,
    basis_status.person_id,
    chosen.category,
    chosen.source,
    coalesce(basis_status.status, chosen.status) as status,
    basis_status.deadline_on,
    coalesce(
        case
            when basis_status.basis_id is null or basis_status.status = 'PURGED' then 'gone'
            when basis_status.has_hold then 'held'
            when basis_status.restricted then 'restricted'
            when new_since.a_hold then 'hold_lost'
            when maybe_held.person_id is not null then 'maybe_held'
            when new_since.a_mark then 'mark_lost'
            when maybe_restricted.person_id is not null then 'maybe_restricted'
            when new_since.a_decision or left_alone.basis_id is not null then 'decision_lost'
            when basis_status.statutory_until >= cast(:as_of as date) then 'statutory'
            when open_of_person.others > 0 or new_since.a_request then 'open_request'
            when cast(:kind as varchar(10)) = 'request' and open_of_person.person_id is null then 'request_closed'
            when cast(:kind as varchar(10)) = 'request' and kept_by_desk.stays is not null then kept_by_desk.stays
            when cast(:kind as varchar(10)) = 'request' and needed_for_claims.basis_id is not null then 'employment'
            when cast(:kind as varchar(10)) = 'request' then null
            when whose_date.basis_id is not null then 'whose_date'
            when basis_status.category <> chosen.category then 'category_changed'
            when rule.category is null and basis_status.status <> 'UNDETERMINED' then 'no_rule'
            when cast(:kind as varchar(10)) = 'automatic' and rule.approval <> 'automatic' then 'needs_approval'
            when basis_status.status = 'UNDETERMINED'
                and (cast(:kind as varchar(10)) = 'automatic' or chosen.status <> 'UNDETERMINED') then 'undetermined'
            when basis_status.status = 'ACTIVE' then 'relation_open'
            when basis_status.status not in ('OVERDUE', 'DUE', 'UNDETERMINED') then 'not_due'
            when basis_status.deadline_on is distinct from chosen.deadline_on then 'deadline_moved'
        end,
        -- Whoever approved was shown that it stays, whatever has ended since.
        case when chosen.stayed is not null then 'not_shown' end
    ) as stays
from chosen
left join basis_key on basis_key.basis_key = chosen.basis_key
left join basis_status on basis_status.basis_id = basis_key.basis_id
left join rule on rule.category = basis_status.category
left join new_since on new_since.basis_id = basis_status.basis_id
left join left_alone on left_alone.basis_id = basis_status.basis_id
left join whose_date on whose_date.basis_id = basis_status.basis_id
left join maybe_held on maybe_held.person_id = basis_status.person_id
left join maybe_restricted on maybe_restricted.person_id = basis_status.person_id
left join open_of_person on open_of_person.person_id = basis_status.person_id
left join kept_by_desk
    on kept_by_desk.person_id = basis_status.person_id and kept_by_desk.category = basis_status.category
left join needed_for_claims on needed_for_claims.basis_id = basis_status.basis_id
