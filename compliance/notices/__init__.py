"""Where prospects come from, and whether they were told (GDPR articles 13 and 14): met in person, as the policy says,
or a finding with the day by which they have to be told.

Who was told is recorded by source and word, never by person. Nothing is unwritten: an entry that was wrong is corrected
by another that names it.
"""
