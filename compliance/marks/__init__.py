"""Marks on persons: restriction (Art. 18), objection and opt-out of mailings (Art. 21), which act at once."""
