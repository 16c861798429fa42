-- Temporary views on the build would keep it from being let go.
drop view settled;
drop view owned;
drop view identifier;
drop view if exists known_by;
drop view if exists identity;
drop view if exists named;
