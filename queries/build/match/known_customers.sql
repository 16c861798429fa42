-- The organisations and contracts of this run; known_customers_before adds those that will be carried over.
create or replace temp table known_organisation as select org_id, successor_id from build.organisation;
create or replace temp table known_contract as select org_id from build.contract;
