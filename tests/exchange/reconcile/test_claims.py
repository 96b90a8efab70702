"""An end that lists other rows than those of its own sums is caught, whatever it leaves out, adds or moves."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.errors import ExchangeError
from exchange.reconcile import claims, messages, tree
from exchange.reconcile.classify import Entry
from exchange.reconcile.messages import Message, Rows
from exchange.reconcile.tree import Leaves, Sums
from exchange.reconcile.work import Secret
from metadata.signed import Signed
from standards.crypto import DecryptionKey, WrappingKey, digest_hex
from tests.exchange.reconcile.steps import begin, go, kinds, loose_route, result_at, session_at
from tests.sim.people import people
from tests.sim.town import Route, Town, execute


def rows(values: Counter[int]) -> list[Entry]:
    """Rows with these numbers as values, a few keys for all of them."""
    return [
        Entry(digest_hex(b"%d" % (value % 40))[:32], digest_hex(b"v%d" % value)[:32], count, 0)
        for value, count in sorted(values.items())
    ]


def leaves(entries: list[Entry]) -> dict[int, Sums]:
    parts: defaultdict[int, list[Sums]] = defaultdict(list)
    for entry in entries:
        parts[claims.leaf_of(entry)].append(claims.sums_of(entry))
    return {number: tree.total(found) for number, found in parts.items()}


def honest(ours: Leaves, theirs: Leaves) -> list[tuple[int, Sums]]:
    sums = {number: theirs.get(number, tree.NONE) for number in {*ours, *theirs}}
    return sorted(item for item in sums.items() if item[1] != ours.get(item[0], tree.NONE))


VALUES = st.lists(st.integers(0, 200), max_size=30).map(Counter)


@settings(max_examples=60)
@given(VALUES, VALUES, st.integers(1, 40))
def test_who_says_what_is_so_is_believed(one: Counter[int], other: Counter[int], many: int) -> None:
    ours, entries = leaves(rows(one)), rows(other)
    theirs = leaves(entries)
    differing = honest(ours, theirs)
    examined = [number for number, _ in differing][:many]
    listed = [entry for entry in entries if claims.leaf_of(entry) in examined]
    claims.require(tree.branches(theirs), ours, differing, examined)
    claims.require_rows(differing, examined, listed)


OURS, THEIRS = rows(Counter(range(30))), rows(Counter({**dict.fromkeys(range(25), 1), 3: 2, 77: 1}))
DIFFERING = honest(leaves(OURS), leaves(THEIRS))


@pytest.mark.parametrize(
    "lie",
    [
        lambda said: said[1:],
        lambda said: said[::-1],
        lambda said: [*said, said[-1]],
        lambda said: [],
        lambda said: [(said[0][0], (said[0][1][0] + 1, *said[0][1][1:])), *said[1:]],
        lambda said: sorted([*said, *[item for item in leaves(OURS).items() if item[0] not in dict(said)][:1]]),
    ],
)
def test_leaves_that_are_not_those_of_the_branches(
    lie: Callable[[list[tuple[int, Sums]]], list[tuple[int, Sums]]],
) -> None:
    said = lie(DIFFERING)
    with pytest.raises(ExchangeError) as raised:
        claims.require(tree.branches(leaves(THEIRS)), leaves(OURS), said, [number for number, _ in said])
    assert raised.value.code == "RECONCILE_SUMS_BAD"


@pytest.mark.parametrize("examined", [[], [DIFFERING[1][0]], [number for number, _ in DIFFERING][::-1]])
def test_leaves_examined_out_of_turn(examined: list[int]) -> None:
    with pytest.raises(ExchangeError) as raised:
        claims.require(tree.branches(leaves(THEIRS)), leaves(OURS), DIFFERING, examined)
    assert raised.value.code == "RECONCILE_SUMS_BAD"


@pytest.mark.parametrize(
    "lie",
    [
        lambda said: said[1:],
        lambda said: [*said, said[0]],
        lambda said: [replace(said[0], rows=said[0].rows + 1), *said[1:]],
        lambda said: [replace(said[0], rows=0), *said[1:]],
        lambda said: [replace(said[0], touched=9), *said[1:]],
        lambda said: [replace(said[0], image="0" * 32), *said[1:]],
        lambda said: [replace(said[0], key="f" * 32), *said[1:]],
        lambda said: OURS,
    ],
)
def test_rows_that_are_not_those_of_the_leaves(lie: Callable[[list[Entry]], list[Entry]]) -> None:
    examined = [number for number, _ in DIFFERING]
    listed = [entry for entry in THEIRS if claims.leaf_of(entry) in examined]
    with pytest.raises(ExchangeError) as raised:
        claims.require_rows(DIFFERING, examined, lie(listed))
    assert raised.value.code == "RECONCILE_SUMS_BAD"


def hides(said: Rows) -> Rows:
    """It does not list the rows that differ."""
    return said.model_copy(update={"rows": said.rows[1:]})


def denies(said: Rows) -> Rows:
    """It names one leaf less."""
    kept = said.differing[1:]
    return said.model_copy(update={"differing": kept, "examined": tuple(number for number, *_ in kept)})


@pytest.mark.parametrize("lie", [hides, denies])
def test_a_consumer_that_lies_about_its_rows(town: Town, lie: Callable[[Rows], Rows]) -> None:
    """Signed by its own key and sealed as it must be: the session ends, nothing is signed, and the next one tells."""
    route = loose_route(town, people(30))
    route.exchange()
    town.run("renshe", f"UPDATE shared.{route.grant.target_table} SET xm = '改' WHERE gmsfhm LIKE '%%3X'")
    begin(route)
    go(route, *["gongan", "renshe"] * 2)
    _replace_last(route, lie)
    go(route, "gongan")
    ended = session_at(route, "gongan")
    assert (ended.state, ended.code, ended.result) == ("abandoned", "RECONCILE_SUMS_BAD", None)
    assert kinds(route, "gongan") == []
    begin(route)
    go(route, *["gongan", "renshe"] * 3, "gongan")
    assert result_at(route, "gongan").different == 3


def _replace_last(route: Route, lie: Callable[[Rows], Rows]) -> None:
    """The consumer's last words, said otherwise by itself."""
    relay = route.town.relay_database
    ((number, body),) = execute(
        relay, "SELECT id, body FROM message WHERE route_id = %s ORDER BY id DESC LIMIT 1", (route.route_id,)
    )
    message = Message.from_bytes(Signed.from_bytes(bytes(body)).payload_bytes())
    assert message.step == "rows"
    ours, theirs = (Secret.from_bytes(session_at(route, name).secret) for name in ("gongan", "renshe"))
    said = messages.unseal(message, DecryptionKey.from_pem(ours.reply_pem.encode("ascii")), Rows)
    key = WrappingKey(bytes.fromhex(theirs.reply_public))
    with route.town.node("renshe") as node:
        false = messages.write(
            node, route.route_id, message.session_id, message.number, "rows", "gongan", key, lie(said)
        )
    execute(relay, "UPDATE message SET body = %s WHERE id = %s", (false.to_bytes(), number))
