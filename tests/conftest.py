"""What every test shares: properties that draw the same examples on every run."""

from hypothesis import settings

settings.register_profile("symopt", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("symopt")
