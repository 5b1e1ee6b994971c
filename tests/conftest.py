"""What every test shares: properties that draw the same examples on every run, and no hidden internal errors."""

import os

from hypothesis import settings

settings.register_profile("symopt", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("symopt")

# In use an unexpected exception becomes "undecided: an internal error"; in tests it is raised.
os.environ["SYMOPT_RAISE_INTERNAL_ERRORS"] = "1"
