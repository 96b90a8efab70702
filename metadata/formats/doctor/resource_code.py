"""Fault 4, the entries' codes: short ones, lost leading zeros, 3.07E+11, full width, a missing slash."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from metadata.formats.doctor.fault import Known
from metadata.formats.doctor.table import Proposal, Table
from metadata.formats.spreadsheet import Cell

_SCIENTIFIC: Final = re.compile(r"([0-9])(?:\.([0-9]+))?E\+?([0-9]{1,2})", re.IGNORECASE)
_CODE: Final = re.compile(r"([^/]+)/([0-9]+)")
_EXACT_BELOW: Final = 10**15  # spreadsheet programs keep fifteen digits of a number
_FEWEST: Final = 3  # codes alike before another counts as the odd one out


@dataclass(frozen=True)
class Custom:
    """How a column writes its codes: digits after the slash (or in all), and the segment before it if there is one."""

    width: int
    front: str
    has_slash: bool
    is_zero_filled: bool


def find_resource_codes(table: Table, known: Known) -> Iterator[Proposal]:
    """The odd ones in the column of codes; what cannot be told from the others or the directory is a person's."""
    if "code" not in table.columns:
        return
    column = _Column(table, known)
    for index, code in enumerate(table.column("code")):
        proposal = column.look(index, code) if code else None
        if proposal is not None:
            yield proposal


class _Column:
    """The codes of a table, how they are written, and which entry holds which."""

    def __init__(self, table: Table, known: Known) -> None:
        self._cells = table.cells["code"]
        self._taken = known.codes_taken
        codes = table.column("code")
        self._custom = find_custom(codes)
        self._entries = {index: number for number, rows in enumerate(table.entries()) for index in rows}
        self._holders: dict[str, set[int | None]] = {}
        for index, code in enumerate(codes):
            self._holders.setdefault(code, set()).add(self._entries.get(index))

    def look(self, index: int, code: str) -> Proposal | None:
        if is_lost(code, self._cells[index]):
            found = recover_lost(code, self._taken)
            zh, en = "代码被表格软件改成了科学计数法，后面的位数丢了", "turned into a floating number; digits are lost"
            if found:
                zh, en = f"{zh}；按已发代码恢复", f"{en}; restored from the codes issued"
            return Proposal("short_code", index, "code", found, zh, en, found is not None)
        plain = "".join(unicodedata.normalize("NFKC", code).split()).replace("\\", "/")
        plain = re.sub(r"(?<=[0-9])\.0$", "", plain)
        if plain != code and plain.isascii():
            zh, en = "代码里有空格、全角字符或“.0”", "spaces, full width or a .0 in the code"
            return Proposal("short_code", index, "code", plain, zh, en, True)
        whole = None if self._custom is None else _completed(code, self._custom)
        return None if whole is None or self._custom is None else self._short(index, code, whole, self._custom)

    def _short(self, index: int, code: str, whole: str, custom: Custom) -> Proposal:
        is_bare = custom.has_slash and "/" not in code
        if not whole and is_bare:
            zh = "代码里没有斜杠“/”，本列其他代码都有，看不出在哪里断开；请按原件写成“前段码/顺序号”，如 307001/000006"
            return Proposal("short_code", index, "code", None, zh, "no slash, and where it belongs cannot be told")
        if not whole:
            zh, en = "代码与本列其他代码写法不同，请核对原件", "unlike the other codes of the column; see the original"
            return Proposal("short_code", index, "code", None, zh, en)
        if self._holders.get(whole, set()) - {self._entries.get(index)}:
            zh = f"代码比本列其他代码短，补成“{whole}”又与另一目录相同，请核对原件"
            return Proposal("short_code", index, "code", None, zh, "too short, and whole it would be another entry's")
        is_padded = not custom.has_slash or code.partition("/")[0] == whole.partition("/")[0]
        is_certain = whole in self._taken or (is_padded and custom.is_zero_filled)
        zh, en = f"代码比本列其他代码短，补成“{whole}”", "shorter than the column's other codes"
        if is_bare:
            zh, en = f"代码里缺斜杠“/”，按本列其他代码的写法写成“{whole}”", "the slash is missing that the others have"
        return Proposal("short_code", index, "code", whole, zh, en, is_certain)


def find_custom(codes: Sequence[str]) -> Custom | None:
    """What most of the column's different codes have in common; None where they are too few or too different."""
    different = sorted({code for code in codes if code})
    matches = [match for code in different if (match := _CODE.fullmatch(code))]
    has_slash = 2 * len(matches) > len(different)
    backs = [match[2] for match in matches] if has_slash else [code for code in different if code.isdigit()]
    ((width, count),) = Counter(map(len, backs)).most_common(1) or ((0, 0),)
    if count < _FEWEST or 5 * count < 3 * len(different):
        return None
    fronts = Counter(match[1] for match in matches)
    front = next(iter(fronts)) if has_slash and len(fronts) == 1 else ""
    is_zero_filled = sum(back.startswith("0") and len(back) == width for back in backs) >= _FEWEST
    return Custom(width, front, has_slash, is_zero_filled)


def _completed(code: str, custom: Custom) -> str | None:
    """The code as the others are written: None where it is no shorter, empty where that cannot be told."""
    if not custom.has_slash:
        return code.zfill(custom.width) if code.isdigit() and len(code) < custom.width else None
    match = _CODE.fullmatch(code)
    if match:
        return f"{match[1]}/{match[2].zfill(custom.width)}" if len(match[2]) < custom.width else None
    digits = code.strip("/")
    if "/" in digits:
        return None  # of somebody else's scheme
    back = digits.removeprefix(custom.front) if len(digits) > custom.width else digits
    is_whole = len(back) == custom.width or len(digits) <= custom.width
    return f"{custom.front}/{back.zfill(custom.width)}" if custom.front and digits.isdigit() and is_whole else ""


def is_lost(code: str, cell: Cell) -> bool:
    """Whether a spreadsheet program made a number of the code and forgot digits."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return abs(cell) >= _EXACT_BELOW or not float(cell).is_integer()
    return _SCIENTIFIC.fullmatch(code) is not None


def recover_lost(code: str, known: frozenset[str]) -> str | None:
    """The only known code that begins with the digits left and is as long as the number was."""
    match = _SCIENTIFIC.fullmatch(code)
    if match:
        digits, length = match[1] + (match[2] or ""), int(match[3]) + 1
        digits = digits[:length]
    else:
        digits, length = code.partition(".")[0][:15], len(code.partition(".")[0])
    # The last digit that is left may have been rounded up.
    found = [each for each in known if len(each) == length and _begins(each, digits)]
    return found[0] if len(found) == 1 else None


def _begins(code: str, digits: str) -> bool:
    head = code[: len(digits)]
    return head == digits or (head.isdigit() and int(head) + 1 == int(digits))
