"""Pointers: declared where the entry says so, inferred with a reason within the library, never both for one item."""

from dataclasses import dataclass
from uuid import uuid4

from directory.libraries.pointers import Holder, Pointer, Recogniser
from metadata.resource import Item, Mount, MountColumn, Party, Resource
from standards.codes import rows


@dataclass(frozen=True)
class Standard:
    library: str
    field: str
    name: str
    standard_id: str
    code_list: str


POPULATION = [
    Standard("population", row["field"], row["zh_name"], row["pinyin_or_std_id"], row["code_list"])
    for row in rows("base-items-population")
]


def _pointers(*items: Item, library: str | None = "population") -> list[Pointer]:
    record = Resource(title="人口", provider=Party(name="公安局"), library=library, items=items)
    return list(Recogniser("population", POPULATION).pointers(Holder(uuid4(), "公安", record)))


def test_each_way_of_recognising_an_item_is_named() -> None:
    found = _pointers(
        Item(name="证件号", field="zjh", data_element="GB 11643"),
        Item(name="姓名", field="xingming"),
        Item(name="民族码", field="mzm", code_table="gbt3304-ethnicity"),
        Item(name="出生", field="CSRQ"),
        Item(name="户号", field="household_no"),
        Item(name="备注", field="remark"),
        Item(name="住址", field="hukou_region_x", code_table="GB/T 2260 provinces"),
    )
    assert {each.item_field: (each.field, each.inferred_by) for each in found} == {
        "zjh": ("id_number", "数据元或代码表同为 GB 11643"),
        "xingming": ("name", "名称同为“姓名”"),
        "mzm": ("ethnicity_code", "数据元或代码表同为 GB/T 3304"),
        "CSRQ": ("birth_date", "字段名是标准标识 CSRQ"),
        "household_no": ("household_no", "字段名同为 household_no"),
    }


def test_outside_the_library_only_what_is_declared_counts() -> None:
    declared = Item(name="证件号", field="zjh", base_item="population/id_number")
    assert [each.inferred_by for each in _pointers(declared, library=None)] == [""]
    assert _pointers(Item(name="姓名", field="name"), library="statistics") == []


def test_a_declared_pointer_keeps_others_from_being_inferred() -> None:
    declared = Item(name="证件号", field="zjh", base_item="population/id_number")
    guessed = Item(name="公民身份号码", field="id_number")
    assert [each.item_field for each in _pointers(guessed, declared)] == ["zjh"]


def test_what_is_named_wrongly_dangles() -> None:
    wrong = Item(name="证件号", field="a", base_item="population/nothing")
    record = Resource(title="人口", provider=Party(name="公安局"), library="population", items=(wrong,))
    recogniser = Recogniser("population", POPULATION)
    assert recogniser.dangling(record) == ("nothing",)
    assert list(recogniser.pointers(Holder(uuid4(), "公安", record))) == []


def test_a_pointer_leads_to_the_columns_that_hold_the_item() -> None:
    record = Resource(
        title="人口",
        provider=Party(name="公安局"),
        library="population",
        items=(Item(name="姓名", field="name"),),
        mounts=(
            Mount(
                mount_id="m1",
                node="gongan",
                table="person",
                columns=(MountColumn(field="name", column="xm", sql_type="text"),),
            ),
            Mount(mount_id="m2", kind="service", node="gongan", url="https://x.example/q"),
        ),
    )
    (pointer,) = Recogniser("population", POPULATION).pointers(Holder(uuid4(), "公安", record))
    assert [(place.node, place.table, place.column) for place in pointer.places] == [("gongan", "public.person", "xm")]
