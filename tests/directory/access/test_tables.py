"""What no one table has: several tables of one node, granted together."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.access.tables import resolve
from directory.errors import DirectoryError
from metadata.access import AccessRequest, RegionFilter
from metadata.resource import Item, Mount, MountColumn, Party, Resource
from metadata.signed import Signed
from tests.directory.access.conftest import ITEMS as TOWN_ITEMS
from tests.directory.access.conftest import conditional_sharing, granted, mount_of

FIELDS = ("bm", "mc", "xkzh", "fzrq", "xzqh")
ITEMS = tuple(Item(name=field, field=field, is_key=field in ("bm", "xkzh")) for field in FIELDS)


def table(name: str, *fields: str, node: str = "jia") -> Mount:
    columns = tuple(MountColumn(field=field, column=field, sql_type="text") for field in fields)
    return Mount(mount_id=name, node=node, table=name, columns=columns)


def asking(*fields: str, row_filter: RegionFilter | None = None) -> AccessRequest:
    return AccessRequest.model_validate(
        {
            "resource": "33001~1",
            "items": fields,
            "row_filter": row_filter,
            "basis": "某法第一条",
            "scenario": "核验",
            "scope": "本局",
            "valid_until": "2027-01-01",
            "statement": True,
        }
    )


def entry(*mounts: Mount) -> Resource:
    return Resource(title="企业与许可", identifier="33001/1", provider=Party(name="甲局"), items=ITEMS, mounts=mounts)


COMPANY = table("company", "bm", "mc", "xzqh")
LICENCE = table("licence", "bm", "xkzh", "fzrq")


def test_each_table_gives_what_it_has_with_its_own_key() -> None:
    parts = resolve(asking("mc", "bm", "xkzh"), entry(COMPANY, LICENCE)).parts
    assert [(part.mount.table, [item.field for item in part.items]) for part in parts] == [
        ("company", ["bm", "mc"]),
        ("licence", ["bm", "xkzh"]),
    ]
    assert [{item.field for item in part.items if item.is_key} for part in parts] == [{"bm"}, {"bm", "xkzh"}]
    keyless = resolve(asking("mc", "xkzh"), entry(COMPANY, LICENCE)).parts
    assert not [item for part in keyless for item in part.items if item.is_key]  # half a key is none


def test_one_table_that_has_it_all_goes_alone_and_none_is_asked_without_need() -> None:
    third = table("third", "bm", "xzqh")
    assert [part.mount for part in resolve(asking("bm", "xkzh"), entry(COMPANY, LICENCE)).parts] == [LICENCE]
    assert [part.mount for part in resolve(asking(*FIELDS), entry(third, COMPANY, LICENCE)).parts] == [COMPANY, LICENCE]


def test_tables_of_different_nodes_have_no_instant_in_common() -> None:
    elsewhere = table("licence", "bm", "xkzh", "fzrq", node="yi")
    with pytest.raises(DirectoryError, match="NOT_MOUNTED"):
        resolve(asking("mc", "xkzh"), entry(COMPANY, elsewhere))


def test_a_filter_must_be_in_every_table() -> None:
    with pytest.raises(DirectoryError, match="FILTER_NOT_EVERYWHERE") as refusal:
        resolve(
            asking("xzqh", "xkzh", row_filter=RegionFilter(field="xzqh", prefixes=("33",))), entry(COMPANY, LICENCE)
        )
    assert "licence" in refusal.value.zh
    both = resolve(
        asking("bm", "mc", "xkzh", row_filter=RegionFilter(field="bm", prefixes=("33",))), entry(COMPANY, LICENCE)
    )
    assert len(both.parts) == 2


@settings(max_examples=60)
@given(
    fields=st.lists(st.sampled_from(FIELDS), min_size=1, unique=True),
    mounts=st.lists(st.tuples(st.sets(st.sampled_from(FIELDS)), st.sampled_from(["jia", "yi"])), max_size=5),
)
def test_all_that_is_asked_for_and_nothing_else_is_given(fields: list[str], mounts: list[tuple[set[str], str]]) -> None:
    tables = [table(f"t{number}", *sorted(names), node=node) for number, (names, node) in enumerate(mounts)]
    can = any(set(fields) <= {name for names, at in mounts if at == node for name in names} for node in ("jia", "yi"))
    if not can:
        with pytest.raises(DirectoryError, match="NOT_MOUNTED"):
            resolve(asking(*fields), entry(*tables))
        return
    parts = resolve(asking(*fields), entry(*tables)).parts
    assert {item.field for part in parts for item in part.items} == set(fields)
    assert len({part.mount.node for part in parts}) == 1
    for part in parts:
        assert [column.field for column in part.columns] == [item.field for item in part.items]


@pytest.fixture(scope="module")
def two_tables(town: Any) -> str:
    mounts = (mount_of("ren", "sfzhm", "xm"), mount_of("deng_ji", "sfzhm", "djrq", "xzqhdm"))
    return str(town.publish("人口与登记", conditional_sharing(), mounts=mounts))


def test_one_request_gives_a_grant_for_each_table_and_they_live_together(town: Any, two_tables: str) -> None:
    shown = town.agreed(two_tables)
    first, second = shown["grant_ids"]
    grants = [granted(town, grant_id) for grant_id in (first, second)]
    routes = tuple(sorted(grant.route_id for grant in grants))
    assert [grant.snapshot_group for grant in grants] == [routes, routes]
    assert {item.field for grant in grants for item in grant.items} == {item.field for item in TOWN_ITEMS}
    page = town.people["lead"].client.get(f"/requests/{shown['id']}").text
    assert "2 张表" in page
    assert "同一时点" in page
    assert all(grant_id in page for grant_id in (first, second))
    assert town.countersign(first).json()["state"] == "agreed"  # it waits for the other
    assert "这张已会签，待其余各张" in town.people["lead"].client.get(f"/requests/{shown['id']}").text
    assert town.countersign(second).json()["state"] == "provisioned"
    address = f"/api/v1/grants/{first}/transitions"
    answer = town.people["approver"].client.post(address, json={"to": "suspended", "comment": "核查"})
    assert answer.json()["state"] == "suspended"
    assert town.grant(second)["state"] == "suspended"
    feed = town.nodes["provider"].call("GET", "/api/v1/feed?after=0").json()["entries"]
    changed = [entry["body"] for entry in feed if entry["kind"] == "grant_change"]
    said = [Signed.model_validate(body).payload_bytes().decode() for body in changed]
    assert all(any(grant_id in words for words in said) for grant_id in (first, second))


def test_a_table_cannot_leave_those_it_goes_with(town: Any, two_tables: str) -> None:
    shown = town.agreed(two_tables)
    request_id = town.bring_to(
        two_tables,
        ("own_lead", "req_approved"),
        ("clerk", "submitted"),
        ("reviewer", "accepted"),
        items=["sfzhm", "xm"],
    )
    answer = town.act("lead", request_id, "agreed")
    assert (answer.status_code, answer.json()["code"]) == (409, "GROUP_SPLIT")
    address = f"/api/v1/grants/{shown['grant_id']}/transitions"
    town.people["approver"].client.post(address, json={"to": "terminated", "comment": "另行授权"})
    again = town.agreed(two_tables)  # whole it may be granted anew
    assert len(again["grant_ids"]) == 2
