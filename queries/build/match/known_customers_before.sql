-- Adds what the previous build knows of customers, as far as this run does not load it anew.
insert into known_organisation
select org_id, successor_id from old.organisation where dataset not in (select dataset from build.export);
insert into known_contract
select org_id from old.contract where dataset not in (select dataset from build.export);
