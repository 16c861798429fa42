-- Which organisations of the build may be those of which nothing is left: what tells those is said of them. Nothing of that
-- joins them; somebody decides. Grain: id before x id now x what speaks for it. Holds persons.
select distinct lost_organisation.org_id, said.org_id as new_key, said.because
from lost_organisation
inner join organisation_says('build.organisation', 'build.record') as said
    on said.because = lost_organisation.because and said.said = lost_organisation.said
where said.org_id <> lost_organisation.org_id
    and said.org_id in (select org_id from build.basis)
order by lost_organisation.org_id, new_key, said.because
