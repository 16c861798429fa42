-- Known organisations without a contract of their own or of whoever took them over: as islands and settled have it.
create or replace temp table never_customer as
with recursive heir as (
    select org_id, org_id as heir_id, 0 as steps
    from known_organisation
    union
    select heir.org_id, known_organisation.successor_id, heir.steps + 1
    from heir
    inner join known_organisation on known_organisation.org_id = heir.heir_id
    where known_organisation.successor_id is not null and heir.steps < 10
)
select org_id
from known_organisation
where org_id not in (
    select heir.org_id from heir inner join known_contract on known_contract.org_id = heir.heir_id
)
