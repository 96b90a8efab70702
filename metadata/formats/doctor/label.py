"""Fault 9: a number, or a number beside the label, where one of a list is to be chosen.

The label is trusted, never the number: forms number the same choices differently (无条件共享 is 1 in the 2017 guide
and 2 in a province's form).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from metadata.formats.doctor.fault import Known
from metadata.formats.doctor.table import Proposal, Table
from standards.codes import rows, table

_TABLES: Final = {
    "share_type": "guide2017-share-type",
    "share_method": "guide2017-method-type",
    "update_cycle": "guide2017-update-cycle",
    "format_category": "guide2017-format-category",
}
_NUMBER_FIRST: Final = re.compile(r"[(\[【]?([0-9]{1,2})[)\]】]?[\s\-_.:、/=,]*(\D+)")
_NUMBER_LAST: Final = re.compile(r"(\D+?)[\s\-_.:、/=,]*[(\[【]?([0-9]{1,2})[)\]】]?")
_SEPARATORS: Final = re.compile(r"([、,，;；\n]+)")
_AROUND: Final = " \t-_.:、/=,()[]【】"
_OPEN_LABELS: Final = ("是", "否", "无条件开放", "有条件开放", "不予开放", "开放", "不开放")
_LOOSE_CYCLES: Final = MappingProxyType(
    {
        "适时": "不定期",
        "按需": "不定期",
        "不定时": "不定期",
        "视情况": "不定期",
        "一年一次": "每年",
        "年度": "每年",
        "按年": "每年",
        "半年一次": "每半年",
        "按季度": "每季度",
        "按季": "每季度",
        "一季度一次": "每季度",
        "每季": "每季度",
        "按月": "每月",
        "一月一次": "每月",
        "按周": "每周",
        "一周一次": "每周",
        "按日": "每日",
        "按天": "每日",
        "一天一次": "每日",
    }
)


@dataclass(frozen=True)
class Choices:
    """A list: labels by every spelling that certainly means one, and by the guide's number."""

    labels: Mapping[str, str]
    numbers: Mapping[str, str]
    says: str


@dataclass(frozen=True)
class _Reading:
    """What a text stands for: the label (None: not to be told), and whether number and label agree."""

    label: str | None
    zh: str
    en: str
    is_certain: bool = False


def find_labels(sheet: Table, known: Known) -> Iterator[Proposal]:
    """Cells of listed choices that are not a label, but hold a number or a known loose wording."""
    del known  # what a number means is never learnt from the directory
    for element in (*_TABLES, "openness"):
        if element not in sheet.columns:
            continue
        readings: dict[str, _Reading | None] = {}
        for index, text in enumerate(sheet.column(element)):
            if not text:
                continue
            if text not in readings:
                readings[text] = _read_all(text, choices(element), element)
            reading = readings[text]
            if reading is not None:
                yield Proposal(
                    "numbered_label", index, element, reading.label, reading.zh, reading.en, reading.is_certain
                )


@cache
def choices(element: str) -> Choices:
    """The choices of a column."""
    if element == "openness":
        return Choices({label: label for label in _OPEN_LABELS}, {"1": "是", "0": "否"}, "是、否")
    codes = table(_TABLES[element])
    labels = {spelling: codes.codes[code].label for spelling, code in codes.fixes.items()}
    labels |= {code: each.label for code, each in codes.codes.items()}
    numbers = {row["guide_code"]: row["label"] for row in rows(_TABLES[element]) if "guide_code" in row}
    return Choices(labels, numbers, "、".join(each.label for each in codes.codes.values()))


def _read_all(text: str, listed: Choices, element: str) -> _Reading | None:
    """A cell of one choice, or of several between separators; None where there is nothing to say."""
    if unicodedata.normalize("NFKC", text).strip() in listed.labels:
        return None
    whole = _read(text, listed, element)
    if whole is not None:
        return whole
    parts = _SEPARATORS.split(text)
    if len(parts) == 1 or not any(any(map(str.isdigit, part)) for part in parts):
        return None
    found = [_read(part.strip(), listed, element) for part in parts[::2] if part.strip()]
    wrong = [each for each in found if each is not None]
    if not wrong:
        return None
    if any(each.label is None for each in wrong):
        return next(each for each in wrong if each.label is None)
    fixed = [(_read(part.strip(), listed, element) or _Reading(part, "", "")).label or "" for part in parts[::2]]
    joined = "".join(label + separator for label, separator in zip(fixed, [*parts[1::2], ""], strict=True))
    return _Reading(joined, wrong[0].zh, wrong[0].en, all(each.is_certain for each in wrong))


def _read(text: str, listed: Choices, element: str) -> _Reading | None:
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain in listed.labels:
        return None
    if element == "update_cycle":
        wording = plain.removesuffix("更新").strip()
        label = _LOOSE_CYCLES.get(wording) or listed.labels.get(wording)
        if label:
            return _Reading(label, f"“{text}”不在更新周期的选项内", "not one of the listed cycles", is_certain=True)
    number = plain.strip(_AROUND)
    if number.isascii() and number.isdigit():
        return _bare(text, number, listed, element)
    for pattern, label_group, number_group in ((_NUMBER_FIRST, 2, 1), (_NUMBER_LAST, 1, 2)):
        match = pattern.fullmatch(plain)
        label = listed.labels.get(match[label_group].strip(_AROUND)) if match else None
        if match and label:
            return _beside(match[number_group], label, listed)
    return None


def _bare(text: str, number: str, listed: Choices, element: str) -> _Reading:
    if element == "openness" and number in listed.numbers:
        zh = f"只填了编号“{text}”，按 1 是、0 否理解，请核对"
        return _Reading(listed.numbers[number], zh, "a bare number, read as 1 yes, 0 no; please check")
    zh = f"只填了编号“{text}”，各地编号含义不同，请填：{listed.says}"
    return _Reading(None, zh, "a bare number: forms number the choices differently; choose a label")


def _beside(number: str, label: str, listed: Choices) -> _Reading:
    agreeing = listed.numbers.get(str(int(number)))
    if agreeing == label or (label.endswith("开放") and agreeing == ("否" if label.startswith("不") else "是")):
        return _Reading(label, "选项前后多写了编号，只保留文字", "the label with its number; the label is kept", True)
    if agreeing is None:
        return _Reading(label, "选项前后多写了编号，以文字为准", "the label with a number; the label is kept", True)
    zh = f"文字“{label}”与编号 {number}（指南中为“{agreeing}”）不一致，以文字为准，请核对"
    return _Reading(label, zh, f"label and number {number} disagree; the label is kept, please check")
