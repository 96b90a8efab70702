"""The node's own disk and its own audit queue fail: every step says so and waits, and goes on when they are back."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from exchange import steps
from exchange.department import libpq_url
from exchange.errors import ExchangeError
from exchange.keys.keystore import KeyStore
from exchange.spool import Spool, name_of
from exchange.steps import Outcome
from tests.sim.checker import SmallChecker
from tests.sim.town import Route, Town, execute


def _code(work: Callable[[], object]) -> str:
    with pytest.raises(ExchangeError) as raised:
        work()
    return raised.value.code


@contextlib.contextmanager
def _broken(path: Path) -> Iterator[None]:
    """A link to itself in its place: nothing can be opened there, nor made."""
    aside = path.with_name(f"{path.name}.aside")
    path.rename(aside)
    path.symlink_to(path)
    try:
        yield
    finally:
        path.unlink()
        aside.rename(path)


def test_a_spool_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    with spool.part("r-1", 1, 1) as part:
        part.write(b"sealed")
        part.keep(name_of("r-1", 1, "d"))
    with _broken(spool.folder):
        assert _code(lambda: spool.open("r-1", 1, "d")) == "NODE_DISK"
        assert _code(lambda: spool.part("r-1", 2, 1).__enter__()) == "NODE_DISK"
        assert _code(lambda: spool.require_space(1)) == "NODE_DISK"


def _fill(spool: Spool) -> None:
    with spool.part("r-1", 1, 1, resumes=True) as part:
        part.write(b"sealed")
        part.keep(name_of("r-1", 1, "d"))


def test_a_disk_that_fills_up_while_it_is_written(tmp_path: Path) -> None:
    (tmp_path / f"r-1-{1:012d}.{1:020d}.part").symlink_to("/dev/full")
    assert _code(lambda: _fill(Spool(tmp_path))) == "SPOOL_FULL"


def test_keys_that_cannot_be_read_or_written_are_not_said_to_be_missing(tmp_path: Path) -> None:
    keys = KeyStore.create(tmp_path / "keys")
    with _broken(tmp_path / "keys" / "identity.pem"):
        assert _code(keys.again) == "NODE_DISK"
    with _broken(tmp_path / "keys"):
        assert _code(lambda: keys.add("identity", 1)) == "NODE_DISK"
        assert _code(lambda: keys.destroy(next(iter(keys.held)))) == "NODE_DISK"


def _step(route: Route, name: str, seq: int) -> Outcome:
    with route.town.node(name) as node:
        return steps.step(node, route.route_id, seq, SmallChecker())


def _until(route: Route, name: str, seq: int, state: str) -> None:
    while route.batch(name, seq).state != state:
        assert not _step(route, name, seq).code


@pytest.fixture(scope="module")
def halfway(town: Town) -> Callable[[str, str], tuple[Route, int]]:
    """A route with a batch in a state at one end."""

    def made(name: str, state: str) -> tuple[Route, int]:
        route = town.route()
        seq = route.plan()
        if name == "renshe":
            route.require("gongan", seq, "stored")
            assert route.arrive() == [seq]
        _until(route, name, seq, state)
        return route, seq

    return made


def _require_goes_on(route: Route, name: str, seq: int) -> None:
    if name == "gongan":
        route.require(name, seq, "stored")
        assert route.arrive() == [seq]
    route.require("renshe", seq, "closed")
    route.require("gongan", seq, "closed")
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []


PLACES = [("gongan", "due"), ("gongan", "sealed"), ("renshe", "stored"), ("renshe", "fetched"), ("renshe", "verified")]


@pytest.mark.parametrize(("name", "state"), PLACES)
def test_the_nodes_disk_fails(halfway: Callable[[str, str], tuple[Route, int]], name: str, state: str) -> None:
    route, seq = halfway(name, state)
    spool = route.town.homes[name] / "spool"
    spool.mkdir(exist_ok=True)
    with _broken(spool):
        outcome = route.drive(name, seq)
        assert (outcome.state, outcome.code, outcome.is_waiting) == (state, "NODE_DISK", True)
        assert outcome.explanation_zh
        assert outcome.next_step
    _require_goes_on(route, name, seq)


@contextlib.contextmanager
def _gone(town: Town, name: str) -> Iterator[None]:
    execute(town.databases[name], "ALTER TABLE audit_out RENAME TO audit_lost")
    try:
        yield
    finally:
        execute(town.databases[name], "ALTER TABLE audit_lost RENAME TO audit_out")


@contextlib.contextmanager
def _locked(town: Town, name: str) -> Iterator[None]:
    connection = psycopg2.connect(libpq_url(town.databases[name]))
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE audit_out IN ACCESS EXCLUSIVE MODE")
        yield


@pytest.mark.parametrize(
    ("name", "state", "broken"),
    [
        ("gongan", "due", _gone),
        ("gongan", "sealed", _gone),
        ("renshe", "stored", _gone),
        ("renshe", "checked", _gone),
        ("renshe", "checked", _locked),
    ],
)
def test_the_nodes_own_record_cannot_be_written(
    halfway: Callable[[str, str], tuple[Route, int]],
    name: str,
    state: str,
    broken: Callable[[Town, str], contextlib.AbstractContextManager[None]],
) -> None:
    """Nothing moves, and nothing is written down either: the outcome alone says why."""
    route, seq = halfway(name, state)
    with broken(route.town, name):
        outcome = route.drive(name, seq)
        assert (outcome.state, outcome.code, outcome.is_waiting) == (state, "AUDIT_UNAVAILABLE", True)
        assert outcome.next_step
        assert route.batch(name, seq).state == state
        assert route.received_rows() == []
        assert name == "renshe" or route.objects(seq) == []
    _require_goes_on(route, name, seq)
