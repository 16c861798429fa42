-- The further identifiers of the build; a build of an earlier version has none.
create or replace temp table further as
from old.further_identifier
