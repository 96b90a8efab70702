"""One end as its own process, for being killed: ``python -m tests.exchange.reconcile.worker HOME begin|turn ROUTE``."""

import sys
from pathlib import Path

from exchange.node import Node
from exchange.reconcile import provider
from exchange.reconcile.turn import turn

if __name__ == "__main__":
    with Node.open(Path(sys.argv[1])) as node:
        if sys.argv[2] == "begin":
            provider.begin(node, sys.argv[3])
        else:
            turn(node, node.now(), sys.argv[3])
