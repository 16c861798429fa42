-- Whom each request may be about: by what the build finds, and by what somebody has said of it. A build of an earlier
-- version does not tell who is sure; there, and where several are sure by what was given, nobody is but a sole one.
insert into request_candidate by name
select * from build.main.request_person;

-- Who was confirmed stays in question, whatever the build finds.
insert into request_candidate (source, reference, person_id, is_sure, speaks_for)
select source, reference, person_id, false, case when bool_and(is_same) then [] else ['record'] end
from request_choice
where verdict = 'confirmed'
    and (source, reference, person_id) not in (select source, reference, person_id from request_candidate)
group by source, reference, person_id;

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

update request_candidate
set is_sure = false
where verdict is null
    and (source, reference) in (
        select (source, reference)
        from request_candidate
        where is_sure and verdict is null
        group by source, reference
        having count(*) > 1
    );
