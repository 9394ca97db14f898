"""`python -m hpcgen` is `hpcgen`."""

import sys

from hpcgen.cli import main

if __name__ == "__main__":
    sys.exit(main())
