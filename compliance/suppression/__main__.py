"""The suppression list's command line: python -m compliance.suppression rotate | prune."""

import sys

from compliance.suppression.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
