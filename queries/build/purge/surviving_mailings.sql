-- The mailings that stay. Grain: one row per mailing. Holds persons.
from surviving_mailing
