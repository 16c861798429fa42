"""Personal data breaches: what is known of each, step by step, and how long there is left to tell whom.

A breach is documented whether it is notified or not (GDPR article 33.5). Nothing is unwritten: a step that was wrong is
corrected by another that names it.
"""
