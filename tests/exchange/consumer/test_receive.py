"""A header names no columns: the consumer holds its digest against the grant before anything is opened."""

import pytest

from exchange import columns
from metadata.access import Grant
from tests.independent.stranger_files import schema_digest
from tests.sim.by_hand import seal_by_hand
from tests.sim.folders import folder_route
from tests.sim.people import COLUMNS, ITEMS
from tests.sim.town import Route, Town


def _grants(town: Town) -> list[tuple[str, Grant]]:
    right = town.grant_of("t", ITEMS, COLUMNS)
    fewer, swapped = COLUMNS[:-1], (COLUMNS[1], COLUMNS[0], *COLUMNS[2:])
    shorter = (COLUMNS[0].model_copy(update={"sql_type": "character varying(17)"}), *COLUMNS[1:])
    keyless = tuple(item.model_copy(update={"is_key": False}) for item in ITEMS)
    return [
        ("as granted", right),
        ("a column fewer", town.grant_of("t", ITEMS, fewer)),
        ("in another order", town.grant_of("t", ITEMS, swapped)),
        ("of another type", town.grant_of("t", ITEMS, shorter)),
        ("without a key", town.grant_of("t", keyless, COLUMNS)),
        ("without the key's column", town.grant_of("t", ITEMS, COLUMNS[1:])),
        ("without the key's item", town.grant_of("t", ITEMS[1:], COLUMNS)),
    ]


def test_the_digest_is_the_specification_s(town: Town) -> None:
    described = [[column.field, column.sql_type] for column in COLUMNS]
    digests = {about: columns.schema_digest(grant) for about, grant in _grants(town)}
    assert digests["as granted"] == schema_digest(described, ["gmsfhm"])
    assert digests["without a key"] == schema_digest(described, [])
    without = schema_digest(described[1:], [])
    assert digests.pop("without the key's column") == digests.pop("without the key's item") == without
    assert len({*digests.values(), without}) == len(digests) + 1


def _refused(route: Route, data: bytes, **label: str) -> str:
    """What the consumer says in condemning it."""
    seq = route.plan()
    seal_by_hand(route, seq, data, **label)
    assert route.drive("gongan", seq).state == "stored"
    route.arrive()
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("quarantined", "HEADER_MISMATCH")
    return outcome.explanation_zh


@pytest.mark.parametrize(
    ("field", "label"), [("schema_digest", {"schema_digest": "0" * 64}), ("content", {"content": "files"})]
)
def test_rows_that_are_not_the_grant_s(town: Town, field: str, label: dict[str, str]) -> None:
    route = town.route()
    assert field in _refused(route, b"", **label)
    assert route.nothing_loaded()


def test_rows_under_a_grant_of_files(town: Town) -> None:
    route = folder_route(town, {"a": b"1"})
    assert columns.schema_digest(route.grant) == schema_digest([], [])
    assert "content" in _refused(route, b"1\n", content="pg_copy_text")
    assert route.versions == []
