"""From exports to a build: reading files, matching them to mappings, and one run of it all."""
