"""Roles and controls: who is data protection officer and who is CISO, from when to when; which technical and
organisational measures there are, whose each is and when it was tested; and figures that only the teams of the product
and of operations know, with their day and where they come from.

A holder is told by a reference, never by a name. Nothing is unwritten: an entry that was wrong, or is so no more, is
corrected by another that names it.
"""
