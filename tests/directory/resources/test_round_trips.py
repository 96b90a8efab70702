"""Every format with one full record: what comes back is equal, except for what the format says it does not hold."""

from typing import Final

import pytest

from directory.resources.exporting import FORMATS, publisher
from directory.resources.reading import read_file
from metadata.difference import differences
from metadata.paths import label
from metadata.resource import Assessment, Mount, Resource
from tests.metadata.formats.rdf.test_dcat import FULL

OFFICE: Final = publisher("示例市", "https://data.example")
MOUNT = Mount(mount_id="m1", node="scjg", table="uscc")
ASSESSED = Assessment(
    kind="secrecy", conclusion="可", assessor="张三", assessed_on="2026-01-01", subject_digest="0" * 64
)
RECORD: Final = FULL.model_copy(update={"mounts": (MOUNT,), "assessments": (ASSESSED,)})
# Fields of the record that a format's words stand for, where they are not the name of one field.
DCAT: Final = {
    "评估记录（内部材料，不导出）": {"assessments"},
    "挂接资源的节点与表名（内部信息，不导出）": {"mounts"},
    "关键字、分类、格式、关联代码、链接的先后次序": {
        *("keywords", "categories", "formats", "related_codes", "online_links", "sharing")
    },
}


def back(name: str) -> Resource:
    form = FORMATS[name]
    (incoming,) = read_file(form.write([RECORD], OFFICE), f"x{form.suffix}").records
    return incoming.record


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"docx"}))  # which is for reading, and says so
def test_what_does_not_come_back_is_said(name: str) -> None:
    said = FORMATS[name].not_held(RECORD)
    changed = {each.path.partition("[")[0].partition(".")[0] for each in differences(RECORD, back(name))}
    named = {field for field in type(RECORD).model_fields if any(label(field) == words for words in said)}
    for words in said:
        named |= DCAT.get(words, set())
        named |= {path.partition(".")[0] for path in _paths() if label(path) == words}
    assert changed <= named


def test_core_metadata_xml_and_nothing_else_holds_everything() -> None:
    assert [name for name in FORMATS if not FORMATS[name].not_held(RECORD)] == ["xml"]
    assert back("xml") == RECORD


@pytest.mark.parametrize("name", ["dcat", "rdf", "jsonld", "xlsx", "csv"])
def test_all_that_is_public_of_a_record_is_in_the_rich_formats(name: str) -> None:
    found = back(name)
    assert found.items == RECORD.items
    assert (found.sharing.share_type, found.sharing.legal_basis) == ("conditional", RECORD.sharing.legal_basis)
    assert (found.extent, found.volumes, found.openness) == (RECORD.extent, RECORD.volumes, RECORD.openness)


def _paths() -> list[str]:
    """The paths of fields one level down."""
    return [
        f"{name}.{member}"
        for name in ("provider", "maintainer", "sharing", "openness", "extent", "volumes")
        for member in type(getattr(RECORD, name)).model_fields
    ]
