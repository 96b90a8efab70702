"""The relay sees sizes, digests, routes, sequences and times: a whole exchange, and everything it has had and heard."""

import base64
import binascii
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from exchange import plan, steps
from exchange.keys import countersign, rotate
from exchange.peers import sync
from exchange.reconcile import provider
from exchange.reconcile.turn import turn
from metadata.access import EqualsFilter
from metadata.resource import Item, MountColumn
from tests.exchange.faults.conftest import rerouted
from tests.sim import canaries
from tests.sim.checker import SmallChecker
from tests.sim.hostile import Answer, Ask, Call, hostile
from tests.sim.town import Route, Town, built, execute

WORD = "金丝雀"
SECRETS = canaries.spellings(WORD, "jinsique", "canary", canaries.NAME, canaries.NUMBER, "QUALITY_FAILED_TARGET")
ROWS = 1237  # a count that no other number here equals
# Every name of a member that may stand in what the relay hears, says or keeps.
SIZES = {"size_bytes", "segments", "digest", "batch_digest", "previous_digest", "contents_digest", "key_id", "suite"}
PLACES = {"route_id", "seq", "grant_id", "kind", "replaces_seq", "instant", "after", "is_answered", "batches"}
PARTIES = {"by_node_id", "at", "created_at", "sealed", "payload", "signatures", "value", "manifest", "stored"}
TALK = {"receipts", "messages", "message", "id", "session_id", "number", "step", "from_node_id", "to_node_id"}
PROBLEM = {"code", "detail", "detail_en", "next_step", "status", "title", "type"}
FEED = {
    *("node_id", "name", "org_code", "org_name", "identity_public", "decryption_public", "sm2_identity_public"),
    *("sm2_decryption_public", "is_revoked", "revoked_at", "body", "provider", "consumer", "identity_key_id"),
    *("sm2_identity_key_id", "decryption_key_ids", "valid_from", "valid_until", "minimum_suite", "issued_at"),
    *("grant_digest", "confirmed_at", "to", "order_digest"),
    *("public", "purpose", "replaces_key_id", "overlap_until"),  # of a change of keys
}
KNOWN = SIZES | PLACES | PARTIES | TALK | PROBLEM


@dataclass
class Record:
    """Every byte between the nodes and the relay, both ways, heads and all."""

    heard: list[bytes] = field(default_factory=list)

    def __call__(self, call: Call, ask: Ask) -> Answer:
        answer = ask(call)
        heads = "\n".join(f"{name}: {value}" for name, value in {**call.headers, **answer.headers}.items())
        self.heard += [f"{call.method} {call.target}\n{heads}".encode(), call.body, answer.body]
        return answer


def told(data: bytes) -> Iterator[tuple[str, Any]]:
    """Names and values of all members of a JSON text, of signed payloads inside it too; nothing for what is none."""
    try:
        document = json.loads(data)
    except ValueError:
        return
    standing = [document]
    while standing:
        item = standing.pop()
        if isinstance(item, list):
            standing += item
        elif isinstance(item, Mapping):
            for name, value in item.items():
                yield name, value
                if isinstance(value, Mapping | list):
                    standing.append(value)
                elif name == "payload":
                    standing.append(json.loads(base64.b64decode(value)))


def inside(members: list[tuple[str, Any]]) -> Iterator[bytes]:
    """What values in base64 contain: signed payloads, and what lies sealed in them."""
    for _, value in members:
        if isinstance(value, str):
            with suppress(binascii.Error, ValueError):
                yield base64.b64decode(value, validate=True)


def test_the_reader_of_what_was_told_looks_into_what_was_signed() -> None:
    inner = base64.b64encode(b'{"rows": 5}').decode()
    assert dict(told(json.dumps([{"a": {"payload": inner}}]).encode()))["rows"] == 5
    assert not [*told(b"\x00\x01")]
    with pytest.raises(binascii.Error):
        [*told(b'{"payload": "x"}')]


@contextmanager
def recorded(town: Town) -> Iterator[Record]:
    """The nodes reach the relay only through what writes down all that passes."""
    with ExitStack() as stack:
        relay = stack.enter_context(hostile(town.relay_url))
        relay.lie = record = Record()
        for name in ("gongan", "renshe"):
            stack.enter_context(rerouted(town, name, town.relay_url, relay.url))
        yield record


def _route(town: Town) -> Route:
    """A grant that says the word wherever people or databases may write one."""
    table = f"{WORD}表_jinsique"
    town.run("gongan", f'CREATE TABLE "{table}" ("{WORD}号" text PRIMARY KEY, "{WORD}名" text, canary_region char(6))')
    items = (
        Item(name=f"{WORD}证号", field="jinsique_hm", length=30, is_key=True, is_nullable=False),
        Item(name=f"{WORD}姓名", field="jinsique_xm", length=40),
        Item(name=f"{WORD}区划", field="canary_qh", length=6),
    )
    columns = (
        MountColumn(field="jinsique_hm", column=f"{WORD}号", sql_type="text"),
        MountColumn(field="jinsique_xm", column=f"{WORD}名", sql_type="text"),
        MountColumn(field="canary_qh", column="canary_region", sql_type="character(6)"),
    )
    grant = town.grant_of(table, items, columns, EqualsFilter(field="canary_qh", values=("990000",))).model_copy(
        update={
            "grant_id": "g-blind",
            "route_id": "r-0123456789abcdef01234567",
            "request_id": "q-canary",
            "resource_identifier": "11000/CANARY",
            "resource_title": f"{WORD}人口信息",
            "target_table": f"{WORD}_jinsique",
            "purpose": f"{WORD}待遇核验",
            "basis": f"{WORD}办法第三条",
            "provide_by_on": date(2027, 1, 1),
        }
    )
    route = Route(town, grant)
    execute(
        town.departments["gongan"],
        f"INSERT INTO \"{table}\" SELECT %s || n, %s || n, '990000' FROM generate_series(1, %s) AS n",
        (canaries.NUMBER, canaries.NAME, ROWS),
    )
    town.directory.issue(grant)
    with town.node("gongan") as node:
        node.feed.pull(node.directory.feed, node.now())
        ((waiting),) = countersign.pending(node)
        countersign.countersign(node, grant.grant_id, waiting.digest, f"{WORD}处长")
    for name in ("gongan", "renshe"):
        route.pull(name)
    return route


def _whole_exchange(town: Town, route: Route, caplog: pytest.LogCaptureFixture) -> None:
    """First load, an increment, a refusal, a reconciliation, new keys, an order, a suspension: what a year brings."""
    caplog.set_level(logging.DEBUG)
    table = route.grant.table
    route.exchange()
    town.run("gongan", f'UPDATE "{table}" SET "{WORD}名" = "{WORD}名" || \'又\' WHERE "{WORD}号" LIKE \'%%1\'')
    route.exchange()
    with town.node("gongan") as node:
        provider.begin(node, route.route_id)
    for name in ("renshe", "gongan", "renshe", "gongan"):
        with town.node(name) as node:
            turn(node, node.now(), route.route_id)
            rotate.rotate(node, "decryption", 1)
    town.run("gongan", f'UPDATE "{table}" SET "{WORD}名" = \'甲\'')
    seq = route.send()
    route.arrive()
    with town.node("renshe") as node:
        refused = steps.drive(node, route.route_id, seq, _Refusing())
    assert (refused.state, refused.code) == ("quarantined", "QUALITY_FAILED_TARGET")
    assert route.drive("gongan", seq).code == "QUALITY_FAILED_TARGET"  # the provider has opened what the relay has not
    town.directory.order("gongan", "redrive", route_id=f"{WORD}", seq=7)
    town.directory.change(route.grant.grant_id, "suspended")
    for name in ("gongan", "renshe"):
        with town.node(name) as node:
            plan.arrivals(node)
            sync.sync(node)


class _Refusing(SmallChecker):
    def check(self, subject: Any) -> Any:
        checked = super().check(subject)
        return type(checked)(**{**vars(checked), "holds": ("rule",)})


def test_in_a_whole_exchange_the_relay_sees_nothing_else(
    tmp_path: Path, new_database: Callable[[], str], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with built(tmp_path, new_database) as town, recorded(town) as record:
        route = _route(town)
        _whole_exchange(town, route, caplog)
        heard = [*record.heard]
        kept = [bytes(body) for (body,) in execute(town.relay_database, _BODIES)]
        in_tables = [*canaries.in_database(town.relay_database, wanted=SECRETS)]
        in_files = [*canaries.in_files(town.relay_home, SECRETS)]
        entries = [bytes(body) for (body,) in execute(town.relay_database, "SELECT body FROM feed_entry")]
        assert execute(town.relay_database, "SELECT count(*) FROM feed_entry WHERE whole IS NOT NULL") == [(0,)]
        # The words are where they belong, and this search finds them there.
        assert [*canaries.in_database(town.databases["renshe"], wanted=SECRETS)]
    assert len(heard) > 100
    assert len(kept) > 10
    assert in_tables == []
    assert in_files == []
    assert [found for data in heard for found in canaries.found_in("wire", data, SECRETS)] == []
    out, err = capfd.readouterr()
    log = "\n".join(each.getMessage() for each in caplog.records if each.name.startswith("hutong.relay"))
    for name, text in {"log": log, "stdout": out, "stderr": err}.items():
        assert [*canaries.found_in(name, text.encode(), SECRETS)] == []
    said = [member for data in (*heard, *kept) for member in told(data)]
    followed = [member for data in entries for member in told(data)]
    assert [found for data in inside([*said, *followed]) for found in canaries.found_in("inside", data, SECRETS)] == []
    assert {name for name, _ in said} <= KNOWN
    assert ROWS not in [value for _, value in (*said, *followed)]
    assert {name for name, _ in followed} <= KNOWN | FEED


_BODIES = """
SELECT manifest FROM batch UNION ALL SELECT stored FROM batch UNION ALL SELECT body FROM receipt
UNION ALL SELECT body FROM message
"""
