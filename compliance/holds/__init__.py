"""Legal holds: what may not be purged, on what ground, until when it is looked at again."""
