"""
Settings for every test.

Property tests run without deadlines, since a loaded machine is not a wrong program, and with a fixed seed, so that a
red run is red again. `HYPOTHESIS_PROFILE=explore` looks for new examples.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Tests read English, whatever the machine that runs them speaks; those of other languages ask for theirs.
os.environ["SILKROOT_LANG"] = "en"

settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("explore", settings.get_profile("house"), derandomize=False, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))
