-- Where the listed entries of one urgency are cut into parts of about the same size.
select unnest(quantile_disc(basis_id, $shares)) as basis_id
from listed
where urgency = $urgency
