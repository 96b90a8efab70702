"""What may be asked for, and exactly what is granted."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.access.issue import MAX_NAME_BYTES, Terms, leaf, make_grant, suite_of, target_table
from directory.access.tables import resolve
from directory.errors import DirectoryError
from directory.settings import DirectorySettings
from metadata.access import AccessRequest, EqualsFilter, Grant, GrantEnd, RegionFilter, route_id
from metadata.resource import Extent, Item, Mount, MountColumn, Party, Resource

FIELDS = ("bm", "xh", "xm", "xzqhdm")
ITEMS = tuple(Item(name=f"数据项{field}", field=field, is_key=field in ("bm", "xh")) for field in FIELDS)
PROVIDER = GrantEnd(org_code="A", org_name="甲局", node_id="jia", identity_key_id="k1")
CONSUMER = GrantEnd(org_code="B", org_name="乙局", node_id="yi", identity_key_id="k2", decryption_key_ids=("k3",))
TERMS = Terms("g-1", "r-1", 3, date(2026, 3, 2), date(2026, 3, 30), datetime(2026, 3, 2, tzinfo=UTC))


def mount_of(mount_id: str, *fields: str, kind: str = "table") -> Mount:
    columns = tuple(MountColumn(field=field, column=field.upper(), sql_type="text") for field in fields)
    return Mount.model_validate(
        {"mount_id": mount_id, "kind": kind, "node": "jia", "table": "biao", "columns": columns}
    )


def resource_with(*mounts: Mount) -> Resource:
    return Resource(title="测试目录", identifier="33001/1", provider=Party(name="甲局"), items=ITEMS, mounts=mounts)


def asking(*fields: str, **changes: Any) -> AccessRequest:
    values = {
        "resource": "33001~1",
        "items": fields,
        "basis": "某法第一条",
        "scenario": "核验",
        "scope": "本局",
        "valid_until": date(2027, 1, 1),
        "statement": True,
    }
    return AccessRequest.model_validate(values | changes)


def granted(record: AccessRequest, resource: Resource, target: str = "t") -> Grant:
    """Where one mount has it all."""
    (part,) = resolve(record, resource).parts
    return make_grant(record, resource, part, PROVIDER, CONSUMER, target, TERMS)


@given(fields=st.lists(st.sampled_from(FIELDS), min_size=1, unique=True))
def test_exactly_the_items_asked_for_are_granted_and_half_a_key_is_none(fields: list[str]) -> None:
    resource = resource_with(mount_of("m", *FIELDS))
    grant = granted(asking(*fields), resource)
    assert {item.field for item in grant.items} == set(fields)
    assert [column.field for column in grant.columns] == [item.field for item in grant.items]
    assert [column.column for column in grant.columns] == [item.field.upper() for item in grant.items]
    keys = {item.field for item in grant.items if item.is_key}
    assert keys == ({"bm", "xh"} if {"bm", "xh"} <= set(fields) else set())


def test_the_entrys_box_travels_where_rows_are_judged_by_it() -> None:
    box = (410_400_000, 140_400_000, 423_000_000, 147_600_000)
    resource = resource_with(mount_of("m", *FIELDS)).model_copy(update={"extent": Extent(box_mas=box)})
    assert granted(asking(*FIELDS), resource).box_mas is None
    places = tuple(item.model_copy(update={"base_item": "geospatial/geometry"}) for item in ITEMS[:1])
    resource = resource.model_copy(update={"items": (*places, *ITEMS[1:])})
    assert granted(asking(*FIELDS), resource).box_mas == box
    assert granted(asking(ITEMS[1].field), resource).box_mas is None


def test_the_first_table_that_holds_everything_is_the_mount() -> None:
    resource = resource_with(
        mount_of("file", *FIELDS, kind="file"),
        mount_of("half", "bm"),
        mount_of("whole", "bm", "xm"),
        mount_of("all", *FIELDS),
    )
    assert resolve(asking("bm", "xm"), resource).mount.mount_id == "whole"
    assert resolve(asking("bm"), resource).mount.mount_id == "half"
    with pytest.raises(DirectoryError, match="NOT_MOUNTED"):
        resolve(asking("xm"), resource_with(mount_of("half", "bm")))


@pytest.mark.parametrize(
    ("record", "code", "named"),
    [
        (asking("bm", "mm", "zz"), "ITEM_UNKNOWN", "mm、zz"),
        (asking("bm", "bm"), "ITEM_TWICE", "bm"),
        (asking("bm", row_filter=RegionFilter(field="nix", prefixes=("33",))), "FILTER_ITEM_UNKNOWN", "nix"),
        (asking("bm", row_filter=EqualsFilter(field="xm", values=("张三",))), "FILTER_ITEM_NOT_ASKED", "xm"),
    ],
)
def test_what_cannot_be_granted_is_refused_by_name(record: AccessRequest, code: str, named: str) -> None:
    with pytest.raises(DirectoryError, match=code) as refusal:
        resolve(record, resource_with(mount_of("m", *FIELDS)))
    assert named in refusal.value.zh


def test_the_filter_and_the_terms_are_the_requests() -> None:
    row_filter = RegionFilter(field="xzqhdm", prefixes=("330106",))
    asked = asking("bm", "xzqhdm", row_filter=row_filter, frequency="weekly")
    grant = granted(asked, resource_with(mount_of("m", *FIELDS)), "jia_biao")
    assert grant.row_filter == row_filter
    assert (grant.frequency, grant.valid_until, grant.valid_from) == ("weekly", date(2027, 1, 1), date(2026, 3, 2))
    assert grant.route_id == route_id("33001/1", "m", "jia", "yi")
    assert (grant.schema_name, grant.table, grant.target_table) == ("public", "biao", "jia_biao")


@given(table=st.text(st.sampled_from("ab人口库é_"), min_size=1, max_size=63), taken=st.booleans())
def test_a_target_tables_name_fits_and_is_its_routes_own(table: str, taken: bool) -> None:
    plain = f"gongan_{table}"
    names = frozenset({plain}) if taken else frozenset()
    found = target_table("gongan", table, route_id("1/1", "m", "gongan", "renshe"), names)
    assert len(found.encode()) <= MAX_NAME_BYTES
    assert found not in names
    assert found.startswith("gongan_")
    if not taken and len(plain.encode()) <= MAX_NAME_BYTES:
        assert found == plain
    assert found == target_table("gongan", table, route_id("1/1", "m", "gongan", "renshe"), names)


FOLDER = Mount(mount_id="f", kind="folder", node="jia", path="材料/2026年 扫描件")


def test_a_folder_travels_whole_and_only_when_no_table_has_it() -> None:
    folder, half = FOLDER, mount_of("half", "bm")
    assert resolve(asking("bm"), resource_with(folder, half)).mount == half
    asked = resolve(asking(*FIELDS), resource_with(half, folder))
    assert (asked.mount, asked.parts[0].columns) == (folder, ())
    grant = granted(asking(*FIELDS), resource_with(folder))
    assert (grant.kind, grant.path, grant.schema_name, grant.table) == ("folder", folder.path, "", "")
    assert grant.columns == ()
    assert [item.field for item in grant.items] == list(FIELDS)


@pytest.mark.parametrize(
    ("record", "code", "named"),
    [
        (asking("bm", "xm"), "FILES_WHOLE", "数据项xh、数据项xzqhdm"),
        (asking(*FIELDS, row_filter=EqualsFilter(field="xm", values=("张三",))), "FILES_UNFILTERED", "测试目录"),
    ],
)
def test_a_part_of_a_folder_is_refused(record: AccessRequest, code: str, named: str) -> None:
    with pytest.raises(DirectoryError, match=code) as refusal:
        resolve(record, resource_with(FOLDER))
    assert named in refusal.value.zh


@given(path=st.text(max_size=20).map(lambda name: f"x/{name}"))
def test_a_folders_name_is_one_plain_part_of_a_path(path: str) -> None:
    name = leaf(FOLDER.model_copy(update={"path": path}))
    assert name
    assert not name.startswith(".")
    assert not {*name} & {*"/\\\0\n\r\t :*?"}
    assert leaf(FOLDER) == "2026年_扫描件"


def test_the_suite_follows_the_library_and_is_never_lowered() -> None:
    able_provider = PROVIDER.model_copy(update={"sm2_identity_key_id": "s1"})
    able_consumer = CONSUMER.model_copy(update={"sm2_identity_key_id": "s2", "decryption_key_ids": ("k3", "s3")})
    chosen = {"population"}
    assert suite_of("population", able_provider, able_consumer, chosen) == 2
    for library in ("legal_person", None):
        assert suite_of(library, PROVIDER, CONSUMER, chosen) == 1
    half = able_consumer.model_copy(update={"decryption_key_ids": ("k3",)})
    for provider, consumer in ((PROVIDER, able_consumer), (able_provider, CONSUMER), (able_provider, half)):
        with pytest.raises(DirectoryError, match="NO_SM2_KEYS"):
            suite_of("population", provider, consumer, chosen)


def test_the_libraries_of_suite_two_are_a_setting(tmp_path: Path) -> None:
    given = DirectorySettings(home=tmp_path, database_url="x", suite_2_libraries="population, legal_person,")
    assert given.suite_2 == {"population", "legal_person"}
    assert DirectorySettings(home=tmp_path, database_url="x", suite_2_libraries="").suite_2 == frozenset()


def test_a_grant_says_who_is_answerable_to_whom_and_what_for() -> None:
    """Art. 34, who manages and who uses: both ends by department and node, in the bytes that both sign."""
    grant = granted(asking("bm", "xh"), resource_with(mount_of("m", *FIELDS)))
    signed = Grant.from_bytes(grant.to_bytes())
    assert (signed.provider.org_code, signed.provider.identity_key_id) == ("A", "k1")
    assert (signed.consumer.org_code, signed.consumer.identity_key_id) == ("B", "k2")
    assert "核验" in signed.purpose
    assert "本局" in signed.purpose
    assert (signed.basis, signed.request_id) == ("某法第一条", "r-1")
