-- What a purge would do now with each entry that was chosen for it: delete it, or leave it and why.
-- The preview and the execution read this one statement; :kind is rule, automatic or request.
-- grain: one row per chosen entry
-- holds persons
with open_of_person as (
    -- Whose requests are open, and whether the batch is what answers them.
    select
        request_person.person_id,
        count(*) filter (where answered.reference is null) as others,
        count(*) filter (where answered.reference is not null) as answered
    from open_request
    inner join request_person
        on request_person.source = open_request.source and request_person.reference = open_request.reference
    left join answered on answered.source = open_request.source and answered.reference = open_request.reference
    group by request_person.person_id
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
            when basis_status.status = 'STATUTORY' or basis_status.statutory_until >= cast(:as_of as date) then 'statutory'
            when coalesce(open_of_person.others, 0) > 0 then 'open_request'
            when cast(:kind as varchar(10)) = 'request' and coalesce(open_of_person.answered, 0) = 0 then 'request_closed'
            -- Somebody's employment facts are needed for claims until the ceiling; a request alone does not end that.
            when cast(:kind as varchar(10)) = 'request'
                and basis_status.category in ('EMPLOYEE', 'CONTRACTOR', 'VOUCHER')
                and basis_status.status not in ('OVERDUE', 'DUE') then 'employment'
            when cast(:kind as varchar(10)) = 'request' then null
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
left join open_of_person on open_of_person.person_id = basis_status.person_id
