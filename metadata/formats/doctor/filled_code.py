"""Fault 2: values counted up by dragging a cell down: codes, titles, providers' codes."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from metadata.formats.doctor.fault import Known
from metadata.formats.doctor.table import Proposal, Table
from standards.check_digits import check_uscc

_COUNTED: Final = re.compile(r"(.*?)([0-9]{1,15})", re.DOTALL)
_RUN: Final = 3  # rows; two neighbours may follow each other by chance
_EMPTY_STEMS: Final = frozenset(
    {"目录", "资源", "信息", "数据", "信息资源", "数据资源", "资源目录", "名称", "表", "新建", "sheet"}
)


def find_filled_codes(table: Table, known: Known) -> Iterator[Proposal]:
    """Codes are cleared, so that the directory issues new ones; titles and providers' codes go back to the first."""
    if "code" in table.columns:
        yield from _within_entries(table)
        yield from _across_entries(table, known)
    if "title" in table.columns:
        yield from _titles(table)
    if "provider_code" in table.columns:
        yield from _provider_codes(table, known)


def _within_entries(table: Table) -> Iterator[Proposal]:
    """Rows of one entry have one code: what follows the first and counts up was dragged."""
    codes = table.column("code")
    for rows in table.entries():
        for above, index in pairwise(rows):
            if _follows(codes[above], codes[index]):
                zh = "同一目录各行的代码下拉递增，只保留第一行的代码"
                yield Proposal("filled_code", index, "code", "", zh, "codes count up within one entry", True)


def _across_entries(table: Table, known: Known) -> Iterator[Proposal]:
    """Codes of different entries that are issued to others, stand twice, or go on where issued ones end.

    All uncertain: an entry that was given a new title rightly comes with a code that is issued.
    """
    codes, entries = table.column("code"), table.entries()
    titles, providers = table.column("title"), table.column("provider")
    firsts = [rows[0] for rows in entries if codes[rows[0]]]
    run = _run_members(codes, firsts)
    holder: dict[str, int] = {}
    for index in firsts:
        code = codes[index]
        own = (providers[index], titles[index])
        holder.setdefault(code, index)
        if own in known.titles:
            continue
        if code in known.codes_taken:
            zh = "代码已发给其他目录" + ("，疑似下拉递增" if index in run else "") + "；清空后由系统发新代码"
            en = "issued to another entry; cleared, a new one will be issued"
        elif holder[code] != index:
            zh = f"与第 {table.numbers[holder[code]]} 行的代码相同；清空后由系统发新代码"
            en = f"the code of row {table.numbers[holder[code]]}; cleared, a new one will be issued"
        elif index in run and codes[run[index]] in known.codes_taken:
            zh = f"从第 {table.numbers[run[index]]} 行已发的代码下拉递增，系统没有发过；清空后由系统发新代码"
            en = "counted up from an issued code, never issued itself; cleared, a new one will be issued"
        else:
            continue
        yield Proposal("filled_code", index, "code", "", zh, en)


def _run_members(codes: Sequence[str], indexes: Sequence[int]) -> dict[int, int]:
    """The rows in runs of at least three codes that count up, each with the first row of its run."""
    found: dict[int, int] = {}
    run: list[int] = []
    for index in (*indexes, -1):
        if run and index >= 0 and _follows(codes[run[-1]], codes[index]):
            run.append(index)
            continue
        if len(run) >= _RUN:
            found |= dict.fromkeys(run, run[0])
        run = [index]
    return found


def _titles(table: Table) -> Iterator[Proposal]:
    """Titles that count up over rows that say the same otherwise, or that are nothing but 目录1, 目录2."""
    titles, abstracts, providers = table.column("title"), table.column("abstract"), table.column("provider")
    run = _run_members(titles, [index for index, title in enumerate(titles) if title])
    for index, first in run.items():
        stem = _split(titles[index])
        is_empty = stem is not None and stem[0].strip(" -_:：第").casefold() in _EMPTY_STEMS
        is_same = bool(abstracts[first]) and (abstracts[index], providers[index]) == (
            abstracts[first],
            providers[first],
        )
        if is_empty:
            zh = "名称只是编号，疑似下拉填充，请填数据的名称"
            yield Proposal("filled_code", index, "title", None, zh, "the title is only a number; say what data it is")
        elif is_same and index != first:
            zh = f"名称下拉递增，其余内容与第 {table.numbers[first]} 行相同，改回同一名称"
            yield Proposal("filled_code", index, "title", titles[first], zh, "titles count up over rows all the same")


def _provider_codes(table: Table, known: Known) -> Iterator[Proposal]:
    """A department has one code, however many rows it stands in."""
    providers, codes = table.column("provider"), table.column("provider_code")
    first = 0
    for index in range(1, len(codes)):
        provider = providers[index] or providers[first]
        if provider != providers[first] or not _follows(codes[index - 1], codes[index]):
            first = index
            continue
        code = known.organisations.get(provider) or codes[first]
        is_certain = not any(finding.severity == "error" for finding in check_uscc(code, ""))
        zh = f"同一部门的代码下拉递增，改回“{code}”"
        yield Proposal("filled_code", index, "provider_code", code, zh, "one department's code counts up", is_certain)


def _follows(above: str, below: str) -> bool:
    """Whether dragging the upper cell down gives the lower one."""
    if above == below or above[:1] != below[:1] or not above[-1:].isdigit():
        return False
    split = _split(above)
    if split is None:
        return False
    stem, digits = split
    return below == f"{stem}{int(digits) + 1:0{len(digits)}d}"


def _split(text: str) -> tuple[str, str] | None:
    match = _COUNTED.fullmatch(text)
    return None if match is None else (match[1], match[2])
