"""After exchanges with every step made to fail, no value of a row is anywhere but in the departments' own tables."""

import base64
import logging
import signal
import tempfile
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from exchange import plan
from exchange.errors import ExchangeError
from exchange.failpoints import POINTS, Failpoints
from exchange.peers import sync
from exchange.ports import Checked, CheckSubject
from exchange.redrive import redrive
from tests.sim import canaries
from tests.sim.checker import SmallChecker
from tests.sim.lane import Lane, Lanes
from tests.sim.town import Town, built
from tests.sim.zygote import Zygote

AT_PROVIDER = ("seal.", "store.", "close.")
# A department's own: its tables, what was applied to them, and its list of the rows that stayed behind.
OWN = ("public", "shared", "hutong.set_aside")


class Raising(Failpoints):
    """Fails as a full disk, a bug or a lost connection would."""

    def reach(self, name: str) -> None:
        if name == self.armed:
            raise OSError(28, "No space left on device")


class Failing(SmallChecker):
    """Finds a rule broken at one place, whatever the rows are."""

    def __init__(self, place: str) -> None:
        self.place = place

    def check(self, subject: CheckSubject) -> Checked:
        checked = super().check(subject)
        return replace(checked, holds=("rule",)) if subject.place == self.place else checked


@pytest.mark.parametrize("value", [canaries.NAME, canaries.NUMBER])
def test_the_search_finds_every_spelling(value: str) -> None:
    for shift in range(3):
        said = base64.b64encode(b"x" * shift + f"{value}7号".encode())
        assert list(canaries.found_in("", said))
    for encoding in ("utf-8", "gbk", "utf-16-le", "utf-16-be"):
        assert list(canaries.found_in("", f"一{value}二".encode(encoding)))
    assert list(canaries.found_in("", value.encode().hex().encode()))
    assert not list(canaries.found_in("", "金丝雀 9907".encode()))


def test_no_value_leaves_the_departments_tables(
    tmp_path: Path,
    new_database: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    with built(tmp_path / "town", new_database) as town, Lanes.over(town) as lanes, Zygote(temporary) as zygote:
        lane = _lane(lanes, zygote, said)
        _spoil(lane, said)
        for name, node in lanes.nodes.items():
            sync.sync(node)
            assert list(canaries.in_database(town.departments[name]))  # they are where they belong, and are found there
            found = canaries.in_database(town.departments[name], OWN)
            # What the last merge found stays beside the table, in the department's own database, to be put back.
            assert [one for one in found if not one.startswith(("hutong.before_", "hutong.added_"))] == []
            assert [*canaries.in_database(town.databases[name])] == []
        assert [*canaries.in_database(town.relay_database)] == []
        assert [*_in_directory(town)] == []
    assert [*canaries.in_files(tmp_path)] == []
    out, err = capfd.readouterr()
    for name, text in {"workers": "\n".join(said), "log": caplog.text, "stdout": out, "stderr": err}.items():
        assert [*canaries.found_in(name, text.encode())] == []
    assert len({code for code in said if code.isupper()}) >= 6, said


def _lane(lanes: Lanes, zygote: Zygote, said: list[str]) -> Lane:
    """A route that has carried the canaries, with a worker killed and one failing at each failpoint."""
    lane = lanes.new()
    lane.route.insert(canaries.rows(25))
    points = sorted(p for p in POINTS if p.split(".")[0] in ("seal", "store", "close", "fetch", "verify", "stage"))
    points += sorted(p for p in POINTS if p.split(".")[0] in ("check", "apply", "reply"))
    lane.send()
    lane.recover()
    lane.change()
    seq = lane.plan()
    for is_kill in (True, False):
        for name, is_mine in (("gongan", True), ("renshe", False), ("gongan", True)):
            if name == "renshe":
                lane.arrive()
            for point in points:
                if point.startswith(AT_PROVIDER) == is_mine:
                    _fail_at(lane, name, seq, point, zygote, said, is_kill=is_kill)
        lane.recover()
        lane.change()
        seq = lane.plan()
    lane.recover()
    return lane


def _fail_at(lane: Lane, name: str, seq: int, point: str, zygote: Zygote, said: list[str], *, is_kill: bool) -> None:
    node, home = lane.nodes[name], str(lane.route.town.homes[name])
    if is_kill:
        code, words = zygote.run(home, "drive", lane.route.route_id, str(seq), failpoint=point)
        said.append(words)
        assert code in (0, -signal.SIGKILL), words
        return
    calm, node.failpoints = node.failpoints, Raising(point)
    try:
        lane.drive(name, seq)
    except Exception:
        said.append(traceback.format_exc())
    finally:
        node.failpoints = calm


def _spoil(lane: Lane, said: list[str]) -> None:
    """What is wrong with rows, tables and rules, at either end."""
    source, target = lane.route.source, f"shared.{lane.route.grant.target_table}"
    long_name = (
        f"UPDATE {source} SET name = name || repeat('长', 30) WHERE ctid IN (SELECT ctid FROM {source} LIMIT %s)"
    )
    _try(lane, said, "gongan", [], [], checker=Failing("source"))
    _try(lane, said, "renshe", [], [], checker=Failing("staging"))
    unlogged = f"UPDATE {source} SET name = regexp_replace(name, '长+$', '')"
    _try(lane, said, "gongan", [(long_name, (2,))], [(unlogged, None)])  # two are set aside
    _try(lane, said, "gongan", [(long_name, (9,))], [(unlogged, None)])  # too many hold the batch
    wrong = f"ALTER TABLE {target} ADD CONSTRAINT odd CHECK (xm NOT LIKE '金丝雀%%') NOT VALID"
    _try(lane, said, "renshe", [(wrong, ())], [(f"ALTER TABLE {target} DROP CONSTRAINT odd", ())])
    unique = f"CREATE UNIQUE INDEX odd ON {target} (xzqh) WHERE xm LIKE '不%%'"
    same = f"UPDATE {source} SET name = '不' || name WHERE name LIKE '金丝雀%%'"
    lane.route.town.run("gongan", same)
    _try(lane, said, "renshe", [(unique, ())], [("DROP INDEX shared.odd", ())])
    trigger = (
        "CREATE FUNCTION shared.odd() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '% is not liked', NEW.xm USING DETAIL = NEW::text; END $$;"
        f" CREATE TRIGGER odd BEFORE INSERT OR UPDATE ON {target} FOR EACH ROW EXECUTE FUNCTION shared.odd()"
    )
    _try(lane, said, "renshe", [(trigger, None)], [("DROP FUNCTION shared.odd CASCADE", ())])
    policy = (
        "CREATE FUNCTION public.odd(t text) RETURNS boolean LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'row %', t USING HINT = t; END $$;"
        f" ALTER TABLE {source} ENABLE ROW LEVEL SECURITY; ALTER TABLE {source} FORCE ROW LEVEL SECURITY;"
        f" CREATE POLICY odd ON {source} USING (public.odd(name))"
    )
    calm = f"ALTER TABLE {source} DISABLE ROW LEVEL SECURITY; DROP POLICY odd ON {source}; DROP FUNCTION public.odd"
    _try(lane, said, "gongan", [(policy, None)], [(calm, None)])


def _try(
    lane: Lane,
    said: list[str],
    name: str,
    before: list[tuple[str, tuple[int, ...] | None]],
    after: list[tuple[str, tuple[int, ...] | None]],
    checker: SmallChecker | None = None,
) -> None:
    """Spoil one end, drive a batch into it, mend it, and let a person move on."""
    from exchange import steps  # noqa: PLC0415

    route = lane.route
    lane.change()
    if name == "gongan":
        for statement, values in before:
            route.town.run(name, statement, values)
    node = lane.nodes["gongan"]
    plan.plan(node, node.now(), force=True)
    batch = lane.last("gongan")
    assert batch is not None
    if name == "renshe":
        lane.drive("gongan", batch.seq)
        lane.arrive()
        for statement, values in before:
            route.town.run(name, statement, values)
    try:
        outcome = steps.drive(lane.nodes[name], route.route_id, batch.seq, checker or SmallChecker())
        said += [outcome.code, outcome.explanation_zh, outcome.next_step]
    except Exception:
        said.append(traceback.format_exc())
    for statement, values in after:
        route.town.run(name, statement, values)
    with suppress(ExchangeError):
        redrive(lane.nodes[name], route.route_id, batch.seq, "运维甲")
    lane.recover(is_equal=False)


def _in_directory(town: Town) -> list[str]:
    seen = [
        *(record.to_bytes() for record in (*town.directory.receipts, *town.directory.contents)),
        *(record.to_bytes() for record in town.directory.statuses.values()),
        *(record.to_bytes() for record in town.directory.audit.values()),
        *(entry.to_bytes() for entry in town.directory.entries),
    ]
    assert len(seen) > 50
    return [found for data in seen for found in canaries.found_in("directory", data)]
