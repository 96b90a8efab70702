"""What a new version changes for somebody's items: every change of theirs is told, none of anything else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metadata.difference import differences
from metadata.item_changes import alters_service, changes_of_items
from metadata.resource import Item, Mount, MountColumn, Party, Resource, Sharing

ITEMS = (
    Item(name="身份证号", field="sfzh", length=18, is_key=True),
    Item(name="姓名", field="xm", length=50),
    Item(name="住址", field="zz", length=200),
)
MOUNT = Mount(
    mount_id="m1",
    node="gongan",
    table="t",
    columns=tuple(MountColumn(field=item.field, column=item.field, sql_type="text") for item in ITEMS),
)
BEFORE = Resource(
    title="人口",
    provider=Party(name="公安局"),
    items=ITEMS,
    sharing=Sharing(share_type="unconditional"),
    mounts=(MOUNT, MOUNT.model_copy(update={"mount_id": "m2"})),
)
MINE = ("sfzh", "xm")


def _with_item(place: int, **changes: Any) -> Resource:
    items = list(ITEMS)
    items[place] = items[place].model_copy(update=changes)
    return BEFORE.model_copy(update={"items": tuple(items)})


def _told(after: Resource) -> list[tuple[str, str]]:
    return [(each.path, each.kind) for each in changes_of_items(BEFORE, after, MINE, ("m1",))]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (BEFORE.model_copy(update={"items": (ITEMS[0], ITEMS[2])}), [("items[xm]", "removed")]),
        (_with_item(1, type_code="N"), [("items[xm].type_code", "changed")]),
        (_with_item(1, length=20), [("items[xm].length", "changed")]),
        (_with_item(1, field="xingming"), [("items[xingming].field", "changed")]),
        (_with_item(1, name="名字"), [("items[xm].name", "changed")]),
        (_with_item(1, description="全名"), []),
        (_with_item(2, type_code="N", field="dizhi"), []),
        (BEFORE.model_copy(update={"items": ITEMS[:2]}), []),
        (BEFORE.model_copy(update={"items": (*ITEMS[::-1], Item(name="民族", field="mz"))}), []),
        (BEFORE.model_copy(update={"title": "常住人口", "abstract": "新的", "keywords": ("户籍",)}), []),
        (
            BEFORE.model_copy(update={"sharing": Sharing(share_type="conditional", conditions="履职")}),
            [("sharing.share_type", "changed")],
        ),
        (BEFORE.model_copy(update={"mounts": (MOUNT,)}), []),
        (BEFORE.model_copy(update={"mounts": BEFORE.mounts[1:]}), [("mounts[m1]", "removed")]),
    ],
)
def test_exactly_what_touches_the_items(after: Resource, expected: list[tuple[str, str]]) -> None:
    assert _told(after) == expected


def test_columns_of_the_mount() -> None:
    def mounted(place: int, **changes: Any) -> Resource:
        columns = list(MOUNT.columns)
        columns[place] = columns[place].model_copy(update=changes)
        return BEFORE.model_copy(update={"mounts": (MOUNT.model_copy(update={"columns": tuple(columns)}),)})

    assert _told(mounted(1, sql_type="integer")) == [("mounts[m1].columns[xm].sql_type", "changed")]
    assert _told(mounted(2, sql_type="integer")) == []  # of an item that is not theirs
    moved = BEFORE.model_copy(update={"mounts": (MOUNT.model_copy(update={"table": "u"}),)})
    assert _told(moved) == [("mounts[m1].table", "changed")]


@given(st.permutations(ITEMS), st.sets(st.sampled_from([item.field for item in ITEMS]), min_size=1))
def test_nothing_is_told_of_a_new_order_and_all_of_ones_own_removal(items: list[Item], mine: set[str]) -> None:
    assert changes_of_items(BEFORE, BEFORE.model_copy(update={"items": tuple(items)}), mine, ("m1",)) == ()
    empty = BEFORE.model_copy(update={"items": ()})
    gone = {each.path for each in changes_of_items(BEFORE, empty, mine, ()) if each.kind == "removed"}
    assert gone == {f"items[{field}]" for field in mine}
    assert gone <= {each.path for each in differences(BEFORE, empty)}


@pytest.mark.parametrize(
    ("after", "alters"),
    [
        (BEFORE.model_copy(update={"items": (ITEMS[0], ITEMS[2])}), True),
        (_with_item(1, type_code="N"), True),
        (_with_item(1, length=20), True),
        (_with_item(1, field="xingming"), True),
        (_with_item(1, name="名字"), False),
        (_with_item(1, sensitivity=3, data_class="个人信息"), False),
        (BEFORE.model_copy(update={"sharing": Sharing(share_type="conditional", conditions="履职")}), True),
        (BEFORE.model_copy(update={"mounts": (MOUNT.model_copy(update={"node": "minzheng"}),)}), True),
        (BEFORE.model_copy(update={"mounts": ()}), True),
    ],
)
def test_of_the_service_is_what_arrives_no_more_or_otherwise(after: Resource, alters: bool) -> None:
    told = changes_of_items(BEFORE, after, MINE, ("m1",))
    assert told
    assert any(alters_service(each.path, each.kind, each.after) for each in told) is alters


def test_sharing_with_fewer_conditions_takes_nothing_away() -> None:
    before = BEFORE.model_copy(update={"sharing": Sharing(share_type="conditional", conditions="履职")})
    [told] = changes_of_items(before, BEFORE, MINE, ("m1",))
    assert not alters_service(told.path, told.kind, told.after)
