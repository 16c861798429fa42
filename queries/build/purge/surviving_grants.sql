-- The grants that stay. Grain: one row per grant. Holds persons.
from surviving_grant
