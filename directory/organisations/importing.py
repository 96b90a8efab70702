"""The tree of departments as a table: out as a workbook, back in from xlsx or csv, all of it or nothing."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.lists import reading, workbook
from directory.lists.reading import Line
from directory.organisations.edit import Placing, fault, place, placing_of
from directory.organisations.models import LEVELS, Organisation
from directory.organisations.queries import lock_tree, organisations
from directory.organisations.register import add_organisation
from directory.prefixes.register import hold, refuse_taken
from standards.check_digits import check_uscc
from standards.findings import errors

TITLE: Final = "机构表"
COLUMNS: Final[Mapping[str, str]] = {
    "code": "统一社会信用代码",
    "name": "名称",
    "short_name": "简称",
    "parent_code": "上级部门代码",
    "region_code": "行政区划代码",
    "level": "层级",
    "prefix": "前段码",
}
_WORDS: Final = {words: name for name, words in COLUMNS.items()}
_OTHER_WORDS: Final = {
    other: words
    for words, others in {
        "统一社会信用代码": "社会信用代码 机构代码 部门代码 单位代码",
        "名称": "部门名称 机构名称 单位名称 全称 部门全称 机构全称 单位全称",
        "简称": "部门简称 机构简称 单位简称",
        "上级部门代码": (
            "上级部门 上级部门名称 上级机构代码 上级机构 上级机构名称 上级单位代码 上级单位 上级单位名称 上级代码"
        ),
        "行政区划代码": "行政区划 区划代码",
        "层级": "级别 行政层级",
    }.items()
    for other in others.split()
}
_CODES: Final = frozenset({"code", "parent_code", "region_code", "prefix"})
_NOTES: Final = (
    "一行一个部门；统一社会信用代码和名称必填，其余可空。没有的列不改动。上级部门可写代码或全称。",
    f"层级：{'、'.join(LEVELS.values())}。行政区划代码为 6、9 或 12 位。",
    "上级部门须已登记，或也在本表中；顺序不限。已登记部门的名称在“机构改革”中更改，前段码在“前段码”页分配。",
)
_ALREADY: Final = "已登记的名称是“{}”；改名请办理机构改革"


@dataclass(frozen=True)
class Fault:
    """What is wrong with one row: its number, the column, a sentence, and where the row stands in words."""

    row: int
    column: str
    zh: str
    place: str


@dataclass(frozen=True)
class Taken:
    """What an import did, or with faults or as a dry run would do: codes of departments."""

    is_dry_run: bool
    added: Sequence[str]
    changed: Sequence[str]
    unchanged: Sequence[str]
    faults: Sequence[Fault]


@dataclass(frozen=True)
class Row:
    """One department as the file has it; ``given`` are the columns that it has, ``wrong`` what it does not surely say.

    What stands above it may be named by its code or its name.
    """

    number: int
    code: str
    name: str
    prefix: str
    placing: Placing
    given: frozenset[str]
    place: str
    wrong: Sequence[str] = ()


def exported(session: Session) -> bytes:
    """The departments that are open, as a workbook; without any it is an empty form to fill in."""
    rows = [
        (
            each.code,
            each.name,
            each.short_name,
            each.parent_code,
            each.region_code,
            LEVELS.get(each.level),
            each.prefix,
        )
        for each in organisations(session)
        if each.closed_on is None and each.is_confirmed
    ]
    return workbook.write(TITLE, tuple(COLUMNS.values()), rows, _NOTES)


def read_rows(name: str, data: bytes) -> list[Row]:
    """The departments of a file whose header has Chinese words or our own names; raises ``LIST_*``."""
    required = (COLUMNS["code"], COLUMNS["name"])
    try:
        lines, names = reading.read(data, name, tuple(_WORDS), required, _OTHER_WORDS), _WORDS
    except DirectoryError as error:
        if error.code != "LIST_HEADERS":
            raise
        try:
            lines, names = reading.read(data, name, tuple(COLUMNS), ("code", "name")), {each: each for each in COLUMNS}
        except DirectoryError:
            raise error from None
    return [_row(line, names) for line in lines]


def _row(line: Line, names: Mapping[str, str]) -> Row:
    cells = {names[word]: text for word, text in line.cells.items()}
    cells |= {name: unicodedata.normalize("NFKC", text) for name, text in cells.items() if name in _CODES}
    levels = {words: level for level, words in LEVELS.items()}
    level = cells.get("level", "")
    placing = Placing(
        cells.get("short_name", ""),
        cells.get("parent_code", ""),
        cells.get("region_code", ""),
        levels.get(level, level),
    )
    return Row(
        line.number,
        cells["code"],
        cells["name"],
        cells.get("prefix", ""),
        placing,
        frozenset(cells),
        line.place,
        line.wrong,
    )


def take(session: Session, by: Actor | str, rows: Sequence[Row], now: datetime, *, is_dry_run: bool) -> Taken:
    """Bring the register up to the file, all of it or nothing; the same file again changes nothing.

    Raises ``ORGANISATION_TREE_INVALID`` with every fault as a finding, unless it is a dry run.
    """
    lock_tree(session)
    known = {each.code: each for each in organisations(session)}
    rows = _below_codes(known, rows)
    faults = [*_faults(session, known, rows), *_cycles(known, rows)]
    wanted = {row.code: _wanted(known.get(row.code), row) for row in rows}
    added = [row.code for row in rows if row.code not in known]
    changed = [
        row.code
        for row in rows
        if row.code in known and (placing_of(known[row.code]) != wanted[row.code] or _has_new_prefix(known, row))
    ]
    unchanged = [row.code for row in rows if row.code not in {*added, *changed}]
    if faults and not is_dry_run:
        findings = [{"path": f"{each.place} {each.column}", "rule": "organisation", "zh": each.zh} for each in faults]
        raise DirectoryError(
            "ORGANISATION_TREE_INVALID",
            count=len(faults),
            first=f"{faults[0].place}，{faults[0].zh}",
            findings=findings,
        )
    if not is_dry_run and (added or changed):
        _apply(session, by, known, [row for row in rows if row.code in {*added, *changed}], wanted, now)
    return Taken(is_dry_run, added, changed, unchanged, sorted(faults, key=lambda each: each.row))


def _below_codes(known: Mapping[str, Organisation], rows: Sequence[Row]) -> list[Row]:
    """The rows with the code of what stands above them where they give its name."""
    codes = {each.name: each.code for each in known.values() if each.closed_on is None} | {
        row.name: row.code for row in rows
    }
    by_code = known.keys() | {row.code for row in rows}
    return [
        replace(row, placing=replace(row.placing, parent_code=codes[above]))
        if (above := row.placing.parent_code) in codes and above not in by_code
        else row
        for row in rows
    ]


def _apply(
    session: Session,
    by: Actor | str,
    known: Mapping[str, Organisation],
    rows: Sequence[Row],
    wanted: Mapping[str, Placing],
    now: datetime,
) -> None:
    """New ones first; then everybody is put in place, loosened before, since two may change places."""
    made = dict(known)
    for row in rows:
        if row.code not in known:
            made[row.code] = add_organisation(session, code=row.code, name=row.name, prefix=row.prefix or None, by=by)
        elif _has_new_prefix(known, row):
            hold(session, row.prefix, row.code, by, now)
    for row in rows:
        made[row.code].parent_code = None
    session.flush()
    for row in rows:
        place(session, by, made[row.code], wanted[row.code], now)
    added = sum(row.code not in known for row in rows)
    record(session, by, "organisation:import", "", details={"added": added, "changed": len(rows) - added}, at=now)


def _wanted(own: Organisation | None, row: Row) -> Placing:
    """Where the file puts a department; columns that it does not have stay as they are."""
    held = placing_of(own) if own is not None else Placing()
    short_name = row.placing.short_name or (held.short_name if "short_name" not in row.given else "") or row.name[:50]
    return Placing(
        short_name,
        row.placing.parent_code if "parent_code" in row.given else held.parent_code,
        row.placing.region_code if "region_code" in row.given else held.region_code,
        row.placing.level if "level" in row.given else held.level,
    )


def _has_new_prefix(known: Mapping[str, Organisation], row: Row) -> bool:
    return bool(row.prefix) and known[row.code].prefix != row.prefix


def _faults(session: Session, known: Mapping[str, Organisation], rows: Sequence[Row]) -> Iterator[Fault]:
    codes, names = Counter(row.code for row in rows), Counter(row.name for row in rows)
    prefixes = Counter(row.prefix for row in rows)
    by_name = {each.name: each for each in known.values() if each.is_confirmed}
    open_ones = {each.code for each in known.values() if each.closed_on is None} | codes.keys()
    for row in rows:
        own, same = known.get(row.code), by_name.get(row.name)
        wrong = errors(check_uscc(row.code, "code")) if own is None else []
        above = row.placing.parent_code
        told = (
            ("code", f"统一社会信用代码{wrong[0].zh}" if wrong else ""),
            ("code", "代码在本表中重复" if codes[row.code] > 1 else ""),
            ("code", "该部门已撤并" if own is not None and own.closed_on is not None else ""),
            ("name", "名称须为 1–200 个字符" if not 1 <= len(row.name) <= 200 else ""),
            ("name", "名称在本表中重复" if row.name and names[row.name] > 1 else ""),
            (
                "name",
                _ALREADY.format(own.name) if own is not None and own.is_confirmed and own.name != row.name else "",
            ),
            ("name", f"名称已由 {same.code} 使用" if same is not None and same.code != row.code else ""),
            ("parent_code", "上级部门既未登记，也不在本表中，或已撤并" if above and above not in open_ones else ""),
            ("prefix", "前段码在本表中重复" if row.prefix and prefixes[row.prefix] > 1 else ""),
            ("prefix", _prefix_fault(session, known, row)),
        )
        yield from (Fault(row.number, COLUMNS[column], zh, row.place) for column, zh in told if zh)
        yield from (Fault(row.number, "本行", zh, row.place) for zh in row.wrong)
        for column in ("level", "region_code", "short_name"):
            reason, _ = fault(Placing(**{column: getattr(row.placing, column)}))
            if reason:
                yield Fault(row.number, COLUMNS[column], reason, row.place)


def _prefix_fault(session: Session, known: Mapping[str, Organisation], row: Row) -> str:
    own = known.get(row.code)
    if not row.prefix or (own is not None and own.prefix == row.prefix):
        return ""
    try:
        refuse_taken(session, row.prefix, row.code)
    except DirectoryError as error:
        return error.zh
    return ""


def _cycles(known: Mapping[str, Organisation], rows: Sequence[Row]) -> Iterator[Fault]:
    parents = {code: each.parent_code or "" for code, each in known.items()}
    parents |= {row.code: row.placing.parent_code for row in rows if "parent_code" in row.given}
    for row in rows:
        seen, above = set[str](), parents.get(row.code, "")
        while above and above != row.code and above not in seen:
            seen.add(above)
            above = parents.get(above, "")
        if above == row.code:
            yield Fault(row.number, COLUMNS["parent_code"], "上级部门绕回了本部门自己", row.place)
