-- Whom each request may be about: by what the build finds, and by what somebody has said of it. A build of an earlier
-- version does not tell who is sure; there, and where several are sure by what was given, nobody is but a sole one.
insert into request_candidate by name
select * from build.main.request_person;

-- Who was confirmed, or found by an earlier build, stays in question, whatever this one finds.
insert into request_candidate (source, reference, person_id, is_sure, speaks_for)
select source, reference, person_id, false, case when bool_and(is_same) then [] else ['record'] end
from request_choice
where verdict <> 'rejected'
    and source <> 'desk'
    and (source, reference, person_id) not in (select source, reference, person_id from request_candidate)
group by source, reference, person_id;

-- No build knows what a request gives that came in by hand: whoever was found when it did, or since, has what spoke for
-- them and against, also who was rejected, since an answer can be changed. Sure is of whom nothing speaks against.
with found as (
    select
        source,
        reference,
        person_id,
        bool_and(is_same) as is_same,
        list_filter(string_split(string_agg(spoke_for, ','), ','), lambda word: word <> '') as words,
        ['other_name', 'other_email', 'shared_email', 'role_mailbox', 'no_name', 'later'] as against
    from request_choice
    where (verdict <> 'rejected' or is_same) and source = 'desk'
    group by source, reference, person_id
)
insert into request_candidate (source, reference, person_id, is_sure, speaks_for, speaks_against)
select
    source,
    reference,
    person_id,
    is_same and not list_has_any(words, against),
    case
        when is_same then list_filter(list_sort(list_distinct(words)), lambda word: not list_contains(against, word))
        else ['record']
    end,
    case when is_same then list_filter(list_sort(list_distinct(words)), lambda word: list_contains(against, word)) else [] end
from found;

-- Whoever was found by what the request gives is the same person by another address; it is from them as long as nobody else
-- has the old one.
update request_candidate
set
    is_sure = true,
    speaks_for = list_append(request_candidate.speaks_for, 'earlier'),
    speaks_against = []
from request_choice as was
where was.verdict = 'found'
    and was.source <> 'desk'
    and was.is_same
    and was.source = request_candidate.source
    and was.reference = request_candidate.reference
    and was.person_id = request_candidate.person_id
    and not request_candidate.is_sure
    and not list_has_any(request_candidate.speaks_for, ['email', 'record'])
    and not list_contains(request_candidate.speaks_against, 'other_name');

-- Who came into the copy only after something was decided or done for whoever the request was from: it is not done to them
-- until somebody has said that it is they.
update request_candidate
set is_sure = false, speaks_against = list_append(request_candidate.speaks_against, 'later')
where (source, reference, person_id) in (
    select (source, reference, person_id)
    from request_choice
    where verdict = 'found'
        and source <> 'desk'
        and list_contains(string_split(spoke_for, ','), 'later')
);

-- What was said counts as long as it does not contradict itself, which persons that became one can make it do. Of one who
-- was rejected, what is new asks again.
with said as (
    select
        source,
        reference,
        person_id,
        case when bool_and(is_same) and min(verdict) = max(verdict) then min(verdict) end as verdict,
        string_split(string_agg(spoke_for, ','), ',') as spoke_for
    from request_choice
    where verdict <> 'found'
    group by source, reference, person_id
)
update request_candidate
set
    is_sure = said.verdict is not distinct from 'confirmed',
    verdict = case
        when said.verdict = 'confirmed' or list_has_all(said.spoke_for, request_candidate.speaks_for) then said.verdict
    end
from said
where said.source = request_candidate.source
    and said.reference = request_candidate.reference
    and said.person_id = request_candidate.person_id;

-- Of several, and where whoever it was from is found no longer, somebody says.
update request_candidate
set is_sure = false
where verdict is null
    and (
        (source, reference) in (
            select (source, reference)
            from request_candidate
            where is_sure
            group by source, reference
            having count(*) > 1
        )
        or (source, reference) in (select (source, reference) from request_loss)
    );
