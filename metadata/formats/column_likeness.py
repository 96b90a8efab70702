"""What a column without a known header may be: by how its header reads, or by what stands below it."""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import Final

from metadata.formats.workbook_headers import known_names, plain
from standards.check_digits import check_uscc
from standards.codes import table

_ENOUGH_ALIKE: Final = 0.75
_ENOUGH_VALUES: Final = 3
_SHARE: Final = 0.8  # of the values must be of the kind
_PARTY = re.compile(r".*(局|厅|委|委员会|办公室|中心|部|院|署|政府|公安|法院|检察院|税务|医保)")
_CODE = re.compile(r"[0-9A-Z]{6,32}/[0-9A-Z]{1,20}")


def _listed(name: str) -> Callable[[str], bool]:
    return lambda value: not value.isdigit() and table(name).fix(value) is not None


# Element -> whether a value can hardly be anything else. In order: what fits the first is not asked about the others.
_KINDS: Final[Mapping[str, Callable[[str], bool]]] = {
    "provider_code": lambda value: len(value) == 18 and not check_uscc(value, ""),
    "code": lambda value: _CODE.fullmatch(value) is not None,
    "share_type": _listed("guide2017-share-type"),
    "update_cycle": _listed("guide2017-update-cycle"),
    "format_category": _listed("guide2017-format-category"),
    "share_method": _listed("guide2017-method-type"),
    "format": lambda value: table("guide2017-format-type").fix(value.lower()) is not None,
    "item_type": _listed("guide2017-item-type"),
    "industry": _listed("gbt4754-2017-sections"),
    "provider": lambda value: len(value) <= 40 and _PARTY.fullmatch(value) is not None,
}


def likely_elements(
    columns: Mapping[int, tuple[Sequence[str], Sequence[str]]], taken: frozenset[str]
) -> Mapping[int, str]:
    """The likely element of each column given its headers (the highest first) and values; each element once.

    The header that reads most alike is served first, the leftmost of equals; values are asked last.
    """
    offers = sorted(
        (-score, index, element)
        for index, (path, _) in columns.items()
        for element, score in _by_header(path).items()
        if element not in taken
    )
    found: dict[int, str] = {}
    for _, index, element in offers:
        if index not in found and element not in found.values():
            found[index] = element
    for index, (_, values) in columns.items():
        if index not in found and len(values) >= _ENOUGH_VALUES:
            kinds = (key for key in _KINDS if key not in taken and key not in found.values())
            element = next((key for key in kinds if _are(values, _KINDS[key])), "")
            if element:
                found[index] = element
    return found


def _by_header(path: Sequence[str]) -> Mapping[str, float]:
    """How alike the header is to each element's best name; a known name inside a longer header counts as alike."""
    if not path:
        return {}
    name = plain("".join(path[-2:]) if len(path[-1]) <= 2 else path[-1])
    scores: dict[str, float] = {}
    characters = set(name)
    for known, (element, known_characters) in _known().items():
        score = 0.0
        if 3 * len(characters & known_characters) >= len(characters | known_characters):  # else far under _ENOUGH_ALIKE
            score = SequenceMatcher(None, name, known, autojunk=False).ratio()
        if len(known) > 3 and known in name and len(name) <= 2 * len(known):
            score = max(score, _ENOUGH_ALIKE + len(known) / 100)
        if score >= _ENOUGH_ALIKE:
            scores[element] = max(score, scores.get(element, 0.0))
    return scores


@cache
def _known() -> Mapping[str, tuple[str, frozenset[str]]]:
    return {name: (element, frozenset(name)) for name, element in known_names().items()}


def _are(values: Sequence[str], is_kind: Callable[[str], bool]) -> bool:
    return sum(map(is_kind, values)) >= _SHARE * len(values)
