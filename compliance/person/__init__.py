"""One person across all sources: who is asked for, what is stored and why, what happened, and what can be done."""
