"""``python -m biobank_desktop.cli`` is ``biobank``."""

from __future__ import annotations

import sys

from biobank_desktop.cli.main import main

sys.exit(main())
