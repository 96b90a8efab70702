"""What the index holds of an entry: the texts it is found by, the values it is counted by, and who may find it."""

from collections.abc import Mapping
from typing import NamedTuple

import tantivy

from directory.resources.queries import SearchRow
from directory.search.words import characters, fold, pairs
from metadata.resource import Resource

FORMAT = 1  # raised whenever fields or tokens change: an index of another format is rebuilt
PUBLIC = "public"


class Text(NamedTuple):
    """A searched part of an entry: its name for people, and how much a hit in it weighs."""

    name_zh: str
    weight: float


TEXTS: Mapping[str, Text] = {
    "title": Text("名称", 8.0),
    "codes": Text("代码", 4.0),
    "keywords": Text("关键字与分类", 3.0),
    "items": Text("数据项", 2.0),
    "provider": Text("提供部门", 2.0),
    "abstract": Text("摘要", 1.0),
}
FACETS = ("provider", "share_type", "library", "format", "cycle")


def texts(row: SearchRow) -> Mapping[str, tuple[str, ...]]:
    """The searched texts of an entry by part, unfolded; the keys are those of ``TEXTS``."""
    record = row.record
    return {
        "title": (record.title,),
        "codes": _given(row.entry.identifier, row.entry.code, record.class_code, *record.related_codes),
        "keywords": _given(
            *record.keywords,
            *(category.name for category in record.categories),
            *(category.code for category in record.categories),
            *formats(record),
        ),
        "items": _given(*(text for item in record.items for text in (item.name, item.field, item.description))),
        "provider": _given(record.provider.name, record.maintainer.name if record.maintainer else ""),
        "abstract": _given(record.abstract),
    }


def formats(record: Resource) -> tuple[str, ...]:
    """The entry's formats as it is counted by: the types of each format, or what else is said of it."""
    named = (name for each in record.formats for name in (each.types or _given(each.other or each.category)))
    return tuple(dict.fromkeys(named))


def facet_values(row: SearchRow) -> Mapping[str, tuple[str, ...]]:
    """The values an entry is counted under; the keys are ``FACETS``. The provider is named by its code."""
    return {
        "provider": (row.entry.org_code,),
        "share_type": _given(row.record.sharing.share_type),
        "library": _given(row.record.library),
        "format": formats(row.record),
        "cycle": _given(row.record.update_cycle),
    }


def schema() -> tantivy.Schema:
    """Fields of format ``FORMAT``. Tokens are cut before they come here, so the tokenizer only parts at spaces."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in TEXTS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    builder.add_text_field("characters", tokenizer_name="whitespace", index_option="basic")
    for name in ("whole", "seen_by"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        builder.add_text_field(facet_field(name), fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("newest", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("step_seq", fast=True)
    return builder.build()


def facet_field(name: str) -> str:
    """The field that counts a facet; ``provider`` is also the name of a searched text."""
    return f"in_{name}"


def document(row: SearchRow) -> tantivy.Document:
    """An entry as a document. ``whole`` holds what finds it first when typed whole: title, identifier, code."""
    made = tantivy.Document()
    made.add_text("id", str(row.entry.id))
    parts = texts(row)
    for name, values in parts.items():
        made.add_text(name, pairs(values))
    made.add_text("characters", characters(value for values in parts.values() for value in values))
    for value in _given(row.record.title, row.entry.identifier, row.entry.code):
        made.add_text("whole", fold(value))
    for reader in ({PUBLIC} if row.is_public else set()) | {row.entry.org_code}:
        made.add_text("seen_by", reader)
    for name, values in facet_values(row).items():
        for value in values:
            made.add_text(facet_field(name), value)
    made.add_text("newest", f"{row.entry.updated_on.isoformat()} {row.entry.id}")
    made.add_integer("step_seq", row.entry.step_seq)
    return made


def _given(*values: str | None) -> tuple[str, ...]:
    return tuple(value for value in values if value)
