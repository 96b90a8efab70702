"""What is wrong in a workbook's sheets, cell by cell, and what each cell should be.

Finders look at a table one after the other, each seeing what is certain of those before it. When nothing certain is
left the uncertain proposals are tried as well, so that what they would bring to light is offered in the same preview:
after all repairs a second look finds nothing more to repair.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from metadata.formats.column_mapping import ColumnMapping
from metadata.formats.doctor.amount import find_amounts
from metadata.formats.doctor.blank import find_blanks
from metadata.formats.doctor.date_text import find_date_texts
from metadata.formats.doctor.fault import Known, Repair
from metadata.formats.doctor.filled_code import find_filled_codes
from metadata.formats.doctor.format_class import find_format_classes
from metadata.formats.doctor.label import find_labels
from metadata.formats.doctor.name import find_near_names
from metadata.formats.doctor.provider_code import find_provider_codes
from metadata.formats.doctor.resource_code import find_resource_codes
from metadata.formats.doctor.share_method import find_share_methods
from metadata.formats.doctor.system_name import find_system_names
from metadata.formats.doctor.table import Proposal, Table, tables
from metadata.formats.spreadsheet import Sheet
from metadata.formats.workbook_findings import column_letters

Finder = Callable[[Table, Known], Iterator[Proposal]]

_FINDERS: Final[tuple[Finder, ...]] = (
    find_system_names,
    find_blanks,
    find_near_names,
    find_filled_codes,
    find_resource_codes,
    find_provider_codes,
    find_labels,
    find_amounts,
    find_date_texts,
    find_format_classes,
    find_share_methods,
)
_MOST_ROUNDS: Final = 5  # of each kind; two repairs that undo each other must not go on for ever


def diagnose(sheets: Sequence[Sheet], mapping: ColumnMapping, known: Known) -> tuple[Repair, ...]:
    """All that is wrong, at most one repair a cell, by sheet, row and column.

    Columns are as ``mapping`` has them, likely ones too: a caller that asked nobody passes ``mapping.certain()``.
    A sheet of items (信息项) follows the others: its titles are those of their entries.
    """
    found: dict[str, list[Repair]] = {}
    titles: set[tuple[str, str]] = set()
    renamed: dict[str, Repair] = {}
    for table in sorted(tables(sheets, mapping), key=_is_of_items):
        if _is_of_items(table):
            proposals = list(_following(table, renamed))
            found[table.name] = _Diagnosis(table, replace(known, titles=frozenset(titles))).repairs(proposals)
            continue
        found[table.name] = _Diagnosis(table, known).repairs()
        after = table.column("title")
        titles |= {each for pair in zip(table.column("provider"), after, strict=True) for each in (pair, ("", pair[1]))}
        letters = column_letters(table.columns.get("title", 0))
        own = [each for each in found[table.name] if each.column == letters and each.after]
        renamed |= {each.before: each for each in own if each.before not in after}
    return tuple(repair for sheet in sheets for repair in found.get(sheet.name, ()))


def _is_of_items(table: Table) -> bool:
    return "item_name" in table.columns and not {"abstract", "code", "share_type"} & set(table.columns)


def _following(table: Table, renamed: Mapping[str, Repair]) -> Iterator[Proposal]:
    for index, title in enumerate(table.column("title")):
        cause = renamed.get(title)
        if cause is not None:
            zh, en = f"随 {cause.sheet} 第 {cause.row} 行改名", f"renamed with row {cause.row} of {cause.sheet}"
            yield Proposal(cause.fault, index, "title", cause.after, zh, en, cause.is_certain)


class _Diagnosis:
    """One table, and the repair found for each of its cells."""

    def __init__(self, table: Table, known: Known) -> None:
        self._table = table
        self._known = known
        self._found: dict[tuple[int, str], Repair] = {}

    def repairs(self, first: Sequence[Proposal] = ()) -> list[Repair]:
        """``first`` are proposals from elsewhere, taken before this table is looked at."""
        self._take_all(first)
        for _ in range(_MOST_ROUNDS):
            uncertain, is_changed = self._look()
            if not is_changed:
                break
        is_changed = self._take_all(uncertain)
        for _ in range(_MOST_ROUNDS):
            if not is_changed:
                break
            proposals = [each for find in _FINDERS for each in find(self._table, self._known)]
            is_changed = self._take_all(
                [replace(each, is_certain=False) for each in proposals if each.after is not None]
            )
        return sorted(self._found.values(), key=lambda each: (each.row, len(each.column), each.column))

    def _look(self) -> tuple[list[Proposal], bool]:
        """Take what is certain; the rest, and whether anything was taken."""
        rest: list[Proposal] = []
        is_changed = False
        for find in _FINDERS:
            for proposal in list(find(self._table, self._known)):
                repair = self._table.repair(proposal)
                if repair.is_certain:
                    is_changed |= self._take(proposal, repair)
                else:
                    rest.append(proposal)
        return rest, is_changed

    def _take_all(self, proposals: Sequence[Proposal]) -> bool:
        """Take the first proposal for each cell; whether any would change something."""
        taken: set[tuple[int, str]] = set()
        is_changed = False
        for proposal in proposals:
            repair = self._table.repair(proposal)
            if (repair.row, repair.column) not in taken and self._take(proposal, repair):
                taken.add((repair.row, repair.column))
                is_changed = True
        return is_changed

    def _take(self, proposal: Proposal, repair: Repair) -> bool:
        place = repair.row, repair.column
        earlier = self._found.get(place)
        if repair.after is None:
            self._found.setdefault(place, repair)
            return False
        if self._table.is_same(proposal.index, proposal.element, repair.after):
            return False
        is_first = earlier is None or earlier.after is None
        self._found[place] = repair if is_first or earlier is None else _joined(earlier, repair)
        self._table.put(proposal.index, proposal.element, repair.after)
        return True


def _joined(first: Repair, second: Repair) -> Repair:
    """Two repairs of one cell, the second of what the first would put there."""
    changes = {
        "after": second.after,
        "reason_zh": f"{first.reason_zh}；{second.reason_zh}",
        "reason_en": f"{first.reason_en}; {second.reason_en}",
        "is_certain": first.is_certain and second.is_certain,
    }
    return first.model_copy(update=changes)
