-- A voucher names its engagement by its key again where there is one by that key: it was given to somebody, or whose it was
-- has come back. By the entries of one key.
update build.record
set relation_key = engagement.source_key
from (
    select record.source, record.source_key, keyed('record|' || record.record_id) as digest
    from build.record
    where record.category in ('EMPLOYEE', 'CONTRACTOR')
        and record.source in (select source from suppressed where key_id = $key_id)
) as engagement
where record.category = 'VOUCHER'
    and record.source = engagement.source
    and record.relation_key = engagement.digest
