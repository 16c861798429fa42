"""`python -m compliance` is `compliance`."""

import sys

from compliance.command import main

if __name__ == "__main__":
    sys.exit(main())
