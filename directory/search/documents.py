"""What the index holds of an entry: the texts it is found by, what it is filed under, its places in the orders."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import tantivy

from directory.resources.rows import EntryRow, EntryState
from directory.search.filed import formats, given
from directory.search.filters import FILTERS
from directory.search.folding import PARTED, TABLE_DIGEST, fold, fold_together
from directory.search.order import ORDERS
from directory.search.pinyin import spelled
from directory.search.words import START, tokens

FORMAT = f"4.{TABLE_DIGEST}"  # raised whenever fields or tokens change: an index of another format is rebuilt
PUBLIC = "public"

TEXTS: Mapping[str, str] = {
    "title": "名称",
    "codes": "代码",
    "keywords": "关键字与分类",
    "items": "数据项",
    "provider": "提供部门",
    "abstract": "摘要",
}
# Where a word may stand, nearest first: in the title, in what describes the entry in single words too, anywhere.
LEVELS: Mapping[str, tuple[str, ...]] = {"title": ("title",), "head": ("head",), "text": ("head", "abstract")}
CUT = ("title", "head", "abstract")  # each a field of pairs with their places, and one of characters


_BESIDE_TITLE = tuple(name for name in TEXTS if name not in {"title", "abstract"})  # what else is the head


def texts(row: EntryRow | EntryState, record: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """The searched texts of an entry by part, unfolded; the keys are those of ``TEXTS``."""
    return {
        "title": (record["title"],),
        "codes": given(row.identifier, row.code, record["class_code"], *record["related_codes"]),
        "keywords": given(
            *record["keywords"],
            *[text for each in record["categories"] for text in (each["name"], each["code"])],
            *formats(record),
        ),
        "items": given(
            *[text for each in record["items"] for text in (each["name"], each["field"], each["description"])]
        ),
        "provider": given(  # by the name it has now, and by the one it had
            *dict.fromkeys((row.org_name, record["provider"]["name"])), (record["maintainer"] or {}).get("name")
        ),
        "abstract": given(record["abstract"]),
    }


@cache
def schema() -> tantivy.Schema:
    """Fields of format ``FORMAT``. Tokens are cut before they come here, so the tokenizer only parts at spaces.

    Whole numbers are signed: tantivy's Python binding panics on unsigned fast fields.
    """
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    for name in ("id_high", "id_low", "step_seq", *ORDERS):
        builder.add_integer_field(name, fast=True)
    for name in CUT:
        builder.add_text_field(characters_of(name), tokenizer_name="whitespace", index_option="basic")
    for name in (*CUT, "spelled"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in ("whole", "seen_by"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for each in FILTERS:
        each.declare(builder)
    return builder.build()


def characters_of(name: str) -> str:
    """The field of single characters beside a field of pairs."""
    return f"{name}_characters"


def document(row: EntryRow) -> tantivy.Document:
    """An entry as a document.

    ``whole`` holds what finds it first when typed whole: title, identifier, code. ``seen_by`` is everybody's term or,
    of what is not public, the department's, never both: what somebody sees is then the sum of two parts.
    """
    made = tantivy.Document()
    made.add_text("id", str(row.id))
    high, low = divmod(row.id.int, 1 << 64)
    made.add_integer("id_high", high - (1 << 63))
    made.add_integer("id_low", low - (1 << 63))
    made.add_integer("step_seq", row.step_seq)
    parts = texts(row, row.record)
    title = fold(parts["title"][0])
    beside = [value for name in _BESIDE_TITLE for value in parts[name]]
    head = f"{title}{PARTED}{fold_together(beside)}" if beside else title
    for name, folded in (("title", title), ("head", head), ("abstract", fold_together(parts["abstract"]))):
        pairs, characters = tokens(folded, START if name == "title" else "")
        made.add_text(name, pairs)
        made.add_text(characters_of(name), characters)
    made.add_text("spelled", spelled(title))
    for value in {title, *map(fold, given(row.identifier, row.code))}:
        made.add_text("whole", value)
    made.add_text("seen_by", PUBLIC if row.is_public else row.org_code)
    for name, order in ORDERS.items():
        made.add_integer(name, order.place(row, len(title)))
    for each in FILTERS:
        each.file(made, row)
    return made
