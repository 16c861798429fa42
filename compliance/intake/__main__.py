"""`python -m compliance.intake` is `compliance intake`, for cron until the next major version."""

import sys

from compliance.intake.commands import main

if __name__ == "__main__":
    sys.exit(main())
