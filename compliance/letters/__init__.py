"""Letters to whoever has asked for something: ready texts, filled in by the facts of the case, for a person to send."""
