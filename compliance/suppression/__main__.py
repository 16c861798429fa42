"""`python -m compliance.suppression` is `compliance suppression`, for cron until the next major version."""

import sys

from compliance.suppression.commands import main

if __name__ == "__main__":
    sys.exit(main())
