"""Speed as ratios, each side measured in the same run on the same data: `make bench`."""
