-- The keyed digests of what those organisations may be known by, for later builds. Grain: id x digest. Holds persons, by
-- keyed digest.
select distinct org_id, keyed('firm|' || because || '|' || said)
from lost_organisation
