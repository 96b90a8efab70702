"""Great Expectations is loaded without what it never uses here."""

import importlib.util
import sys
from functools import cache
from importlib import import_module, metadata
from types import ModuleType

# By expectations about distributions only: a quarter of the time, and 55 MiB, of all that is loaded.
_NEVER_USED = "scipy.stats"

VALIDATION = "pipelines.checks.validation"


def load_validation() -> ModuleType:
    """``pipelines.checks.validation``; takes seconds."""
    _defer(_NEVER_USED)
    return import_module(VALIDATION)


@cache
def engine() -> str:
    """Who judges, and its version; known without loading it."""
    return f"great_expectations {metadata.version('great_expectations')}"


def _defer(name: str) -> None:
    """Have a submodule loaded when it is first used, as importlib's documentation has it for lazy imports; also for
    ``from package import submodule``, which asks the package first.
    """
    spec = None if name in sys.modules else importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    package, _, child = name.rpartition(".")
    setattr(sys.modules[package], child, module)
