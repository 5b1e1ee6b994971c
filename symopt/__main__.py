"""`python -m symopt`: the command line."""

from __future__ import annotations

import sys

from symopt.cli import main

sys.exit(main())
