-- Opt-outs of the mailing tool by when they were asked and since when they act.
-- grain: source x received_on x effective_on
-- holds figures
select
    source,
    received_on,
    effective_on,
    count(*) as opt_outs
from opt_out
group by source, received_on, effective_on
order by source, received_on, effective_on
