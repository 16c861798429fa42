-- The opt-outs that stay. Grain: one row per opt-out. Holds persons.
from surviving_opt_out
