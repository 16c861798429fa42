-- What is stored of whom each request is surely from, by what keeps it from being erased (a hold, a restriction, that
-- claims may need it); of what the law keeps, until when. Of one request, where it is named.
-- grain: request x category x what keeps it
-- holds persons
select source, reference, category, held, restricted, needed, statutory_until, bases
from request_rest
where cast(:reference as varchar(80)) is null
    or (source = cast(:source as varchar(60)) and reference = cast(:reference as varchar(80)))
order by source, reference, category, held, restricted, needed, statutory_until
