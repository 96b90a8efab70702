"""Every field of an entry has a name in Chinese, and nothing else is a place in one."""

from typing import get_args

import pytest

from metadata.paths import LABELS, is_path, label
from metadata.record import Record
from metadata.resource import Resource


def _fields(record: type[Record], front: str = "") -> set[str]:
    found = set()
    for name, field in record.model_fields.items():
        found.add(f"{front}{name}")
        for member in (field.annotation, *get_args(field.annotation)):
            if isinstance(member, type) and issubclass(member, Record):
                found |= _fields(member, f"{front}{name}.")
    return found


def test_every_field_has_its_label() -> None:
    by_kind = {"assessments.secrecy", "assessments.personal_information"}
    assert set(LABELS) == _fields(Resource) | by_kind


@pytest.mark.parametrize(
    "path",
    ["title", "items", "items[3]", "items[3].name", "sharing.scope", "sharing.purposes[0]", "keywords[1]",
     "mounts[0].columns[2].sql_type", "assessments.secrecy", "provider.name", "items.name", "formats[0].types"],
)  # fmt: skip
def test_places_of_an_entry(path: str) -> None:
    assert is_path(path)
    assert label(path) != path


@pytest.mark.parametrize(
    "path",
    ["", ".", "titel", "title.", "title[0]", "items[3", "items[-1]", "items[x].name", "items[3].nothing",
     "sharing[0].scope", "items..name", "items[3]name", "items[3].name\n", "a" * 100_000, "assessments.other"],
)  # fmt: skip
def test_nothing_else_is_one(path: str) -> None:
    assert not is_path(path)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("abstract", "摘要"),
        ("items[3].field", "第 4 个数据项的字段名"),
        ("keywords[0]", "第 1 个关键字"),
        ("sharing.purposes[1]", "使用用途"),
        ("nowhere[1]", "nowhere[1]"),
    ],
)
def test_labels(path: str, words: str) -> None:
    assert label(path) == words
