"""F07, F17 and F49 once more on disks that are really full: small ones in memory, where this account may mount."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from exchange.department import libpq_url
from exchange.limits import LIMITS
from exchange.ports import Checked, CheckSubject
from exchange.redrive import redrive
from tests.exchange.faults.conftest import Frail
from tests.exchange.faults.matrix import bulk, marks, parts
from tests.sim import processes
from tests.sim.checker import SmallChecker
from tests.sim.town import Route, Town

MIB = 1024 * 1024
LEFT_BYTES = 64 * 1024


@contextlib.contextmanager
def disk(folder: Path, size_bytes: int) -> Iterator[Path]:
    """A disk of that size in place of an empty or new folder; skips where mounting is not allowed."""
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = folder.stat()
    options = f"size={size_bytes},mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        pytest.skip("this account may not mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """All but a little of what is free, in one file."""
    path = folder / "filler"
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(folder).free - LEFT_BYTES)
    return path


def require_arrives(route: Route, seq: int) -> None:
    route.require("gongan", seq, "stored")
    assert route.arrive() == [seq]
    route.require("renshe", seq, "closed")
    route.require("gongan", seq, "closed")
    assert marks(route) == [seq]
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []


def test_the_spools_disk_fills_up_while_a_batch_is_sealed(own_town: Town) -> None:
    """F07: ENOSPC in the middle of the file: SPOOL_FULL, no part of it stays, and it goes on when there is room."""
    route = own_town.route([])
    bulk(route, 20_000)
    seq = route.plan()
    with disk(own_town.homes["gongan"] / "spool", LIMITS.free_bytes + 16 * MIB) as spool:
        with processes.frozen(own_town, "gongan", "seal.begun", "drive", route.route_id, str(seq)) as thaw:
            filler = fill(spool)
            assert thaw() == "due SPOOL_FULL"
        assert parts(route, "gongan") == []
        outcome = route.drive("gongan", seq)  # and not even begun now
        assert (outcome.state, outcome.code, outcome.is_waiting) == ("due", "SPOOL_FULL", True)
        assert route.objects(seq) == []
        assert route.findings() == []
        filler.unlink()
        require_arrives(route, seq)


def test_the_relays_disk_is_full(own_town: Town) -> None:
    """F17: 507 RELAY_FULL from a disk that has no room; the batch waits and is stored when there is."""
    route = own_town.route([])
    bulk(route, 1000)
    seq = route.plan()
    store = own_town.relay_home / "store"
    with disk(store / "incoming", LIMITS.free_bytes + LIMITS.segment_bytes + MIB) as incoming:
        filler = fill(incoming)
        outcome = route.drive("gongan", seq)
        assert (outcome.state, outcome.code, outcome.is_waiting) == ("sealed", "RELAY_NOT_READY", True)
        assert "RELAY_FULL" in outcome.explanation_zh
        assert list(incoming.iterdir()) == [filler]
    require_arrives(route, seq)


class _Fills(SmallChecker):
    """Fills the disk once the rows are staged and found good."""

    def __init__(self, do: Callable[[], object]) -> None:
        self._do = do

    def check(self, subject: CheckSubject) -> Checked:
        checked = super().check(subject)
        self._do()
        return checked


@contextlib.contextmanager
def tablespace(frail: Frail, folder: Path) -> Iterator[None]:
    """What the consumer's department creates meanwhile lies there."""
    url = libpq_url(frail.cluster.superuser_url())
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("CREATE TABLESPACE small LOCATION %s", (str(folder),))
        cursor.execute("GRANT CREATE ON TABLESPACE small TO renshe")
        cursor.execute("ALTER ROLE renshe SET default_tablespace = small")
        try:
            yield
        finally:
            cursor.execute("ALTER ROLE renshe RESET default_tablespace")
            frail.town.run("renshe", "ALTER TABLE ALL IN TABLESPACE small SET TABLESPACE pg_default")
            frail.town.run("renshe", "ALTER INDEX ALL IN TABLESPACE small SET TABLESPACE pg_default")
            cursor.execute("CHECKPOINT")
            cursor.execute("DROP TABLESPACE small")


def test_the_targets_disk_fills_up_while_rows_are_applied(frail: Frail) -> None:
    """F49: PostgreSQL's own 53100: TARGET_FULL, rolled back, and applied once when there is room."""
    folder = frail.cluster.place / "small"
    folder.mkdir(mode=0o700)
    os.chown(folder, frail.cluster.place.stat().st_uid, frail.cluster.place.stat().st_gid)
    with disk(folder, 64 * MIB), tablespace(frail, folder):
        route = frail.town.route([("99999999999999999X", "李四", "990000", "1.00", "2026-02-02T00:00:00Z")])
        route.exchange()
        before = route.received_rows()
        bulk(route, 20_000)
        seq = route.send()
        assert route.arrive() == [seq]
        outcome = route.drive("renshe", seq, _Fills(lambda: fill(folder)))
        assert (outcome.state, outcome.code, outcome.is_waiting) == ("checked", "TARGET_FULL", True)
        assert route.received_rows() == before
        assert marks(route) == [1]
        (folder / "filler").unlink()
        assert route.drive("renshe", seq).code == "TARGET_SHIFT"  # 1 row before, 20,001 after: for a person to say
        with frail.town.node("renshe") as node:
            redrive(node, route.route_id, seq, "运维甲")
        route.require("renshe", seq, "closed")
        route.require("gongan", seq, "closed")
        assert marks(route) == [1, seq]
        assert route.received_rows() == route.sent_rows()
        assert route.findings() == []
