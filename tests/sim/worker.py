"""One worker as its own process, for being killed: ``python -m tests.sim.worker HOME plan|arrive|turn|drive|undo
[ROUTE SEQ]``.
"""

import contextlib
import sys
from pathlib import Path

from exchange import agent, plan, steps
from exchange.consumer import undo
from exchange.node import Node
from tests.sim.checker import SmallChecker


def main(home: str, what: str, *rest: str) -> None:
    with Node.open(Path(home)) as node:
        if what == "plan":
            plan.plan(node, node.now(), force=True)
        elif what == "turn":
            agent.turn(node, SmallChecker(), node.now())
        elif what == "arrive":
            plan.arrivals(node)
        elif what == "undo":
            undo.undo(node, rest[0], int(rest[1]), "运维甲")
        else:
            outcome = steps.drive(node, rest[0], int(rest[1]), SmallChecker())
            with contextlib.suppress(OSError):  # where the sweep makes this very write fail: the ledger knows
                print(outcome.state, outcome.code, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
