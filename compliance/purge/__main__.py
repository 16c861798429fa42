"""`python -m compliance.purge` is `compliance purge`, for cron until the next major version."""

import sys

from compliance.purge.commands import main

if __name__ == "__main__":
    sys.exit(main())
