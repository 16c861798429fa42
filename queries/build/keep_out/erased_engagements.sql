-- The spans of erased engagements whose vouchers are still in the build, by the entries of one key.
insert into erased_engagement
with relation as (
    select distinct source, relation_key
    from build.record
    where category = 'VOUCHER' and relation_key is not null
),
span as (
    select source, dataset, record_digest, relation_started_on, relation_ended_on
    from suppressed
    where key_id = $key_id and coalesce(relation_started_on, relation_ended_on) is not null
),
place as (
    select distinct source, dataset
    from span
)
select relation.source, relation.relation_key, span.relation_started_on, span.relation_ended_on
from relation
inner join place on place.source = relation.source
inner join span
    on span.dataset = place.dataset
    and span.record_digest = keyed('record|' || place.dataset || ':' || relation.relation_key)
