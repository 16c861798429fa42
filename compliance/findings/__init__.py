"""One place for what every room finds: since when, how grave, whose, by when, and until when it is accepted.

A finding is seen, not entered: what is not found any more is mended, by what was taken in since. People say who answers
for it, and two of them may accept it for a time.
"""
