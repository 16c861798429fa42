"""`python -m compliance.register` is `compliance register`, for cron until the next major version."""

import sys

from compliance.operations.commands import register

if __name__ == "__main__":
    sys.exit(register())
