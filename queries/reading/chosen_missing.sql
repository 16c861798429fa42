-- How many entries of a batch have not been found by their keyed digests. Grain: one row. Holds figures.
select count(*) as missing
from chosen
anti join basis_key on basis_key.basis_key = chosen.basis_key
