"""What the programs of the tests need, imported once: ``tests.sim.forked`` forks from a process that has done it."""

import gc
from importlib import import_module

from hutong.listing import LINES

gc.disable()  # a third of the time would go into looking for what is no longer needed
for name in LINES:
    import_module(f"hutong.commands.{name}")
import_module("pipelines.checks.validation")
import_module("tests.sim.worker")
gc.freeze()  # a collection would write to every page that is shared
gc.enable()
