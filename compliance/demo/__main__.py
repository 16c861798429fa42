"""`python -m compliance.demo` is `compliance demo exports`, for cron until the next major version."""

import sys

from compliance.demo.commands import main

if __name__ == "__main__":
    sys.exit(main(["exports", *sys.argv[1:]]))
