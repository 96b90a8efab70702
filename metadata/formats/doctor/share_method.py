"""Fault 7: a sharing method that does not go with the format, or with 不予共享."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from metadata.formats.doctor.fault import Known
from metadata.formats.doctor.format_class import classes_of
from metadata.formats.doctor.table import Proposal, Table
from standards.codes import table as code_table

_SEPARATORS: Final = re.compile(r"[,，、;；/|\n]+")
_METHODS: Final = "guide2017-method-type"

# Class -> the methods it can be shared by, the first of which is proposed. A spreadsheet may be loaded into a table; a
# picture or a document is none.
_RULES: Final[Mapping[str, tuple[str, ...]]] = {
    "电子文件": ("file",),
    "电子表格": ("file", "batch"),
    "数据库": ("batch", "query"),
    "图形图像": ("file",),
    "流媒体": ("file",),
    "服务接口": ("query",),
}
_NO_TABLES: Final = frozenset({"电子文件", "图形图像", "流媒体"})


def find_share_methods(table: Table, known: Known) -> Iterator[Proposal]:
    """Methods no format of the row (or, where it names none, of the entry) can be shared by; methods of 不予共享."""
    del known
    if "share_method" not in table.columns:
        return
    methods, share_types = table.column("share_method"), table.column("share_type")
    classes = [_classes(*pair) for pair in zip(table.column("format"), table.column("format_category"), strict=True)]
    for rows in table.entries():
        share_type = next((share_types[index] for index in rows if share_types[index]), "")
        is_refused = code_table("guide2017-share-type").fix(share_type) == "none"
        of_entry = frozenset().union(*(classes[index] for index in rows))
        for index in rows:
            if not methods[index]:
                continue
            if is_refused:
                zh = "不予共享的资源没有共享方式，清空；若共享类型填错，请改共享类型"
                yield Proposal("share_method", index, "share_method", "", zh, "not shared, so by no method")
            else:
                yield from _unfitting(index, methods[index], classes[index] or of_entry)


def _unfitting(index: int, method: str, classes: frozenset[str]) -> Iterator[Proposal]:
    listed = code_table(_METHODS)
    keys = {listed.fix(word) for word in _SEPARATORS.split(method) if word.strip()}
    rules = [_RULES[each] for each in sorted(classes) if each in _RULES]
    if not keys or None in keys or not rules or len(rules) < len(classes) or any(keys & set(fits) for fits in rules):
        return
    proposed = {fits[0] for fits in rules}
    names = "、".join(sorted(classes))
    if len(proposed) > 1:
        zh = f"{names}不能按“{method[:50]}”共享，请重新选择"
        yield Proposal("share_method", index, "share_method", None, zh, "no format of the entry is shared so")
        return
    label = listed.codes[proposed.pop()].label
    is_certain = keys == {"batch"} and classes <= _NO_TABLES
    zh = f"{names}一般按“{label}”共享，不是“{method[:50]}”"
    if not is_certain:
        zh += "；也可能是格式填错，请核对"
    yield Proposal(
        "share_method", index, "share_method", label, zh, "the format is not shared by this method", is_certain
    )


def _classes(types: str, category: str) -> frozenset[str]:
    return classes_of(types) or frozenset(word for word in _SEPARATORS.split(category) if word in _RULES)
