-- The new build's persons once more, uncompressed and in the clear, so that their bytes can be searched. The strings of
-- the variable control are known to be there: a search that does not find them proves nothing.
create table twin.record as from build.record;
create table twin.person as from build.person;
create table twin.basis as from build.basis;
create table twin.request_key as from build.request_key;
create table twin.control as select unnest(getvariable('control')) as text;
