"""`python -m compliance.keys` is `compliance keys`."""

import sys

from compliance.operations.commands import keys

if __name__ == "__main__":
    sys.exit(keys())
