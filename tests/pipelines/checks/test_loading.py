"""What Great Expectations is loaded without is still there for who uses it."""

import subprocess
import sys

_PROGRAM = """
import sys
from pipelines.checks.loading import engine, load_validation
assert load_validation().ENGINE == engine()
print("scipy.stats" in sys.modules, "scipy.stats.distributions" in sys.modules)
from scipy import stats
import scipy.stats
print(stats is scipy.stats, float(stats.norm.cdf(0)), "scipy.stats.distributions" in sys.modules)
from scipy.stats import kstest
print(kstest.__name__)
"""


def test_what_is_never_used_is_loaded_when_it_is_used() -> None:
    ran = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines() == ["True False", "True 0.5 True", "kstest"], ran.stderr
