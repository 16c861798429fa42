"""`python -m compliance.copy` is `compliance copy`."""

import sys

from compliance.operations.commands import copy

if __name__ == "__main__":
    sys.exit(copy())
