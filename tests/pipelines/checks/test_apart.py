"""Great Expectations in a process of its own: asked again, killed, and gone with who started it."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable

_PROGRAM = """
import os, signal, sys
from pathlib import Path
from psycopg2 import sql
from exchange.ports import CheckSubject
from metadata.quality import rules_of
from metadata.resource import Item
from pipelines.checks.run import GreatExpectationsChecker
from pipelines.errors import PipelinesError

items = (Item(name="数", field="xm", type_code="I", is_nullable=False),)
relation = sql.SQL("SELECT (ARRAY['1', 'x', NULL])[n] AS xm FROM generate_series(1, 3) AS n")
subject = CheckSubject(sys.stdin.readline().strip(), None, relation, rules_of(items), (), "staging", "r-1/1")

def started():
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()

def checked():
    try:
        found = GreatExpectationsChecker().check(subject)
        found.settle()
    except PipelinesError as error:
        return error.code
    return sorted(each.rule_id for each in found.report.results if each.failed)

print(checked())
(first,) = started()
print(checked(), started() == [first])
os.kill(int(first), signal.SIGKILL)
print(checked())
print(checked(), "great_expectations" in sys.modules, started() == [first])
print(*started(), flush=True)
sys.stdin.readline()
"""


def test_it_answers_until_it_is_killed_or_its_parent_is(new_database: Callable[[], str]) -> None:
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", _PROGRAM]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write(new_database().replace("+psycopg2", "") + "\n")
        parent.stdin.flush()
        told = [parent.stdout.readline().strip() for _ in range(5)]
        broken = "['not_null:xm', 'set_aside_share', 'type:xm']"
        assert told[:2] == [broken, f"{broken} True"]
        assert told[2] in (broken, "CHECK_FAILED")  # whether it was seen to be gone before it was asked
        assert told[3] == f"{broken} False False"
        standing = os.pidfd_open(int(told[4]))
        parent.send_signal(signal.SIGKILL)
    try:
        assert select.select([standing], [], [], 30)[0], "it goes on without its parent"
    finally:
        os.close(standing)
