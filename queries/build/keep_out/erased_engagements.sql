-- The spans of erased engagements whose vouchers are still in the build, which name them by their digests.
insert into erased_engagement
select record.source, record.relation_key, suppressed.relation_started_on, suppressed.relation_ended_on
from build.record
inner join suppressed
    on suppressed.source = record.source and suppressed.record_digest = record.relation_key
where record.category = 'VOUCHER'
    and coalesce(suppressed.relation_started_on, suppressed.relation_ended_on) is not null
group by all
