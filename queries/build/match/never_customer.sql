-- Known organisations without a contract of their own or of whoever took them over: as islands and settled have it.
create or replace temp table never_customer as
select org_id
from known_organisation
where org_id not in (
    select heir.org_id
    from heirs('known_organisation') as heir
    inner join known_contract on known_contract.org_id = heir.heir_id
)
