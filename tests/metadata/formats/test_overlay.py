"""An update from a sheet changes what the sheet has columns for, and nothing else."""

from hypothesis import given, settings
from hypothesis import strategies as st

from metadata.formats.overlay import overlay
from metadata.formats.workbook_elements import ELEMENTS
from metadata.resource import Category, Item, Party, Resource, Sharing
from tests.strategies import RESOURCES

BRIDGE = Resource(
    title="桥梁",
    provider=Party(name="住建局", code="11330100MB0000262E", address="一号"),
    abstract="旧的",
    categories=(Category(name="城建"), Category(scheme="行业分类", name="土木工程", code="E")),
    items=(Item(name="跨径", field="span", length=8, is_key=True), Item(name="年代", field="year")),
    sharing=Sharing(share_type="conditional", scope="市级"),
)


@settings(max_examples=60)
@given(RESOURCES, RESOURCES)
def test_without_columns_nothing_changes(current: Resource, given_: Resource) -> None:
    assert overlay(current, given_, ()) == current


@settings(max_examples=60)
@given(RESOURCES, RESOURCES, st.sets(st.sampled_from(sorted(ELEMENTS))))
def test_laying_it_over_again_changes_nothing_more(current: Resource, given_: Resource, elements: set[str]) -> None:
    once = overlay(current, given_, elements)
    assert (once.mounts, once.assessments) == (current.mounts, current.assessments)
    assert (once.provider.name, once.provider.code) == (current.provider.name, current.provider.code)
    if len({item.field for item in given_.items}) == len(given_.items) == len({item.name for item in given_.items}):
        assert overlay(once, given_, elements) == once


def test_only_what_there_are_columns_for() -> None:
    said = Resource(
        title="桥梁",
        provider=Party(name="别的局"),
        abstract="新的",
        categories=(Category(name="交通"),),
        items=(Item(name="跨径（米）", field="span"), Item(name="材质", field="material")),
    )
    after = overlay(BRIDGE, said, {"title", "provider", "abstract", "theme", "item_name", "item_field"})
    assert (after.abstract, after.provider, after.sharing) == ("新的", BRIDGE.provider, BRIDGE.sharing)
    assert [each.name for each in after.categories] == ["土木工程", "交通"]
    assert [(each.name, each.field, each.length, each.is_key) for each in after.items] == [
        ("跨径（米）", "span", 8, True),
        ("材质", "material", None, False),
    ]


def test_without_field_names_an_item_is_known_by_its_name() -> None:
    said = Resource(title="桥梁", provider=Party(name="住建局"), items=(Item(name="年代", field="年代", length=4),))
    after = overlay(BRIDGE, said, {"item_name", "item_length"})
    assert [(each.field, each.length) for each in after.items] == [("year", 4)]
