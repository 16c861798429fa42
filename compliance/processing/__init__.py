"""The register of processing activities (GDPR article 30.1): one activity per category, from the rules where they say
it and described where they do not, in versions that say what changed.
"""
