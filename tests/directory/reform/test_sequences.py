"""Whatever acts follow each other: nothing is left at a closed department, and no term, number or signature changes."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.reform.holdings import HOLDINGS
from tests.directory.access.conftest import TO_ACCEPTED, TO_SUBMITTED, Town, conditional_sharing, mount_of
from tests.directory.reform.conftest import lasting, rows

_BEGUN: dict[str, bool] = {}
ACTS = st.lists(
    st.tuples(st.sampled_from(["merge", "split", "part", "rename"]), st.integers(0, 99), st.integers(0, 99)),
    min_size=2,
    max_size=4,
)


@settings(
    max_examples=3,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=ACTS)
def test_after_any_acts_nothing_is_orphaned(
    town: Town,
    act: Callable[..., Any],
    department: Callable[..., str],
    in_use: Callable[..., str],
    acts: list[tuple[str, int, int]],
) -> None:
    if not _BEGUN:  # once: each example goes on from where the last one left everything
        _begin(town, in_use)
        _BEGUN["done"] = True
    before = lasting(town)
    people = rows(town, "SELECT id FROM account WHERE org_code IS NOT NULL AND is_active ORDER BY id")
    for kind, first, second in acts:
        _take(town, act, department, kind, first, second)
        _require_whole(town)
    assert lasting(town) == before
    still = {each[0] for each in rows(town, "SELECT id FROM account WHERE is_active")}
    assert {each[0] for each in people} <= still


def _begin(town: Town, in_use: Callable[..., str]) -> None:
    """Entries at two departments' nodes, and requests at every stage between them."""
    for number in range(3):
        entry = town.publish(f"第{number}项", conditional_sharing(), mounts=(mount_of(f"biao_{number}"),))
        town.create(entry)
        town.bring_to(entry, *TO_SUBMITTED)
        town.bring_to(entry, *TO_ACCEPTED)
        in_use(entry)


def _take(
    town: Town, act: Callable[..., Any], department: Callable[..., str], kind: str, first: int, second: int
) -> None:
    """One act between departments that are open now; the numbers choose among them."""
    standing = [
        each[0]
        for each in rows(
            town,
            "SELECT org_code FROM (SELECT org_code FROM resource UNION SELECT provider_org FROM request"
            " UNION SELECT requester_org FROM request) holding JOIN organisation ON code = org_code"
            " WHERE closed_on IS NULL ORDER BY code",
        )
    ]
    own = standing[first % len(standing)]
    other = standing[second % len(standing)]
    if kind == "rename":
        act("rename", [own], name=f"改名{first}局{len(rows(town, 'SELECT 1 FROM reform'))}号")
    elif kind == "merge":
        act("merge", [own], [department() if other == own else other])
    else:
        successors = [own if kind == "part" else department(), department()]
        entries = rows(town, "SELECT id FROM resource WHERE org_code = :own ORDER BY id", own=own)
        nodes = rows(town, "SELECT node_id FROM node WHERE org_code = :own ORDER BY node_id", own=own)
        chosen = {each[0]: successors[(place + second) % 2] for place, each in enumerate(entries)}
        act(
            "split",
            [own],
            successors,
            default_successor=successors[first % 2],
            entries=chosen,
            nodes={each[0]: successors[second % 2] for each in nodes},
        )


def _require_whole(town: Town) -> None:
    closed = "(SELECT code FROM organisation WHERE closed_on IS NOT NULL)"
    for each in HOLDINGS:
        table, _, column = each.place.partition(".")
        beside = {"organisation": " AND closed_on IS NULL"}.get(table, "")
        assert rows(town, f"SELECT 1 FROM {table} WHERE {column} IN {closed}{beside}") == [], each.place
    apart = "SELECT 1 FROM request q JOIN resource r ON r.id = q.resource_id WHERE q.provider_org <> r.org_code"
    assert rows(town, apart) == []
    assert rows(town, "SELECT 1 FROM standing_consent c JOIN resource r ON r.id = resource_id"
                      " WHERE c.org_code <> r.org_code") == []  # fmt: skip
    unled = """SELECT q.id FROM request q WHERE NOT EXISTS (
        SELECT FROM account a JOIN account_role o ON o.account_id = a.id
        WHERE a.is_active AND o.role = 'sharing_lead' AND a.org_code = q.provider_org)"""
    assert rows(town, unled) == []
    misplaced = """SELECT 1 FROM request q JOIN grant_record g ON g.request_id = q.id JOIN route t USING (route_id)
        JOIN node n ON n.node_id = t.consumer_node WHERE n.org_code <> q.requester_org"""
    assert rows(town, misplaced) == []
