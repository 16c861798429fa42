-- What merged.sql finds where no records are tied: none.
create temp table merged (rid bigint)
