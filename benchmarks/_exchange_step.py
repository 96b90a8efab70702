"""One end's work on one batch in a process of its own: every step timed by itself, and the memory of the whole.

Prints one JSON object: ``steps`` (state before, to seconds), ``state``, ``code``, ``seconds``, ``peak_bytes``. Opening
the node is counted, and loading Great Expectations where something is checked; starting Python is not.
"""

import argparse
import contextlib
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
from psycopg2 import sql

from benchmarks._exchange_stage import peak_bytes
from exchange import ledger, steps
from exchange.node import Node
from exchange.ports import Checked, Checker, CheckSubject
from exchange.states import FINAL
from metadata.quality import CheckReport
from pipelines.checks.run import GreatExpectationsChecker


class NoChecks:
    """Counts the rows, as the step needs, and passes them all, so that the exchange is timed alone."""

    def check(self, subject: CheckSubject) -> Checked:
        with contextlib.closing(psycopg2.connect(subject.dsn)) as connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT count(*) FROM ({}) r").format(subject.relation))
            (rows,) = cursor.fetchone()
        report = CheckReport(
            subject=subject.subject,
            place=subject.place,
            rows=rows,
            set_aside=0,
            results=(),
            run=0,
            passed=0,
            engine="none",
            suite_name="none",
        )
        return Checked(report, (), ())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("route")
    parser.add_argument("seq", type=int)
    parser.add_argument("--checks", action="store_true")
    given = parser.parse_args()
    checker: Checker = GreatExpectationsChecker() if given.checks else NoChecks()
    took: dict[str, float] = {}
    began = time.perf_counter()
    with Node.open(given.home) as node:
        while True:
            with node.engine.connect() as connection:
                before = ledger.find(connection, given.route, given.seq).state
            started = time.perf_counter()
            outcome = steps.step(node, given.route, given.seq, checker, run_id=datetime.now(UTC).isoformat())
            if outcome.is_waiting:
                break
            took[before] = time.perf_counter() - started
            if outcome.state in FINAL:
                break
    told = {"steps": took, "state": outcome.state, "code": outcome.code}
    print(json.dumps(told | {"seconds": time.perf_counter() - began, "peak_bytes": peak_bytes()}))


if __name__ == "__main__":
    main()
