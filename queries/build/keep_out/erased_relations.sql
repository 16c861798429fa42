-- Which of the engagements that vouchers name were erased, by the entries of one key, and the digest that they are named by
-- from now on: nobody can be told by it who has not the key. Grain: one row per source x key. Holds persons.
insert into erased_relation
with mine as (
    select source, dataset, record_digest, relation_ended_on
    from suppressed
    where key_id = $key_id
),
place as (
    select distinct relation.source, relation.relation_key, mine.dataset
    from relation
    inner join (select distinct source, dataset from mine) as mine
        on mine.source = relation.source and mine.dataset <> relation.dataset
    anti join erased_relation as known
        on known.source = relation.source and known.relation_key = relation.relation_key
)
select place.source, place.relation_key, first(mine.record_digest order by mine.relation_ended_on desc nulls last, mine.dataset)
from place
inner join mine
    on mine.source = place.source
    and mine.dataset = place.dataset
    and mine.record_digest = keyed('record|' || place.dataset || ':' || place.relation_key)
group by place.source, place.relation_key
