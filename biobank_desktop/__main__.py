"""``python -m biobank_desktop`` opens the program."""

from __future__ import annotations

import sys

from biobank_desktop.app import main

if __name__ == "__main__":
    sys.exit(main())
