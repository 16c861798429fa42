-- A voucher names its engagement by its key again where there is one by that key: it was given to somebody, whose it was
-- has come back, or somebody else of the same source has had it all along. The digest says in which dataset whoever was
-- erased had the key; whose it is now may be in another. By the entries of one key.
update build.record
set relation_key = engagement.source_key
from (
    select distinct
        record.source, record.source_key, keyed('record|' || place.dataset || ':' || record.source_key) as digest
    from build.record
    inner join (select distinct source, dataset from suppressed where key_id = $key_id) as place
        on place.source = record.source
    where record.category in ('EMPLOYEE', 'CONTRACTOR')
) as engagement
where record.category = 'VOUCHER'
    and record.source = engagement.source
    and record.relation_key = engagement.digest
