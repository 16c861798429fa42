"""`python -m compliance.ledger` is `compliance ledger`, for cron until the next major version."""

import sys

from compliance.operations.commands import check

if __name__ == "__main__":
    sys.exit(check())
