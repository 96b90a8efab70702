"""Fault 3: names of one thing in several spellings, apart by punctuation, spaces, width, case, 的, letter form."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from metadata.formats.doctor.fault import Known
from metadata.formats.doctor.table import Proposal, Table
from metadata.formats.workbook_headers import simplified

_TO_HALF_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_STOPS: Final = "。．.,，、;；:：!！"
_NOT_CLEAN: Final = re.compile(rf"\s|[{re.escape(_STOPS)}]$|[^\W\d_a-zA-Z][\u200b-\u200f\ufeff]")


Key = tuple[str, str]  # the department, and a name as ``_loose`` has it


def find_near_names(table: Table, known: Known) -> Iterator[Proposal]:
    """Providers first, then titles of one provider: all take the directory's spelling, else the commonest one."""
    if "provider" in table.columns:
        providers = table.column("provider")
        register = _register(("", name) for name in known.organisations)
        for index, name in _respelt(providers, [("", _loose(each)) for each in providers], register):
            zh = f"与“{name}”只差标点、空格或字形，是同一部门"
            is_certain = _close(providers[index]) == _close(name)
            yield Proposal("near_duplicate", index, "provider", name, zh, f"the same department as {name}", is_certain)
    if "title" in table.columns:
        yield from _titles(table, known)


def _titles(table: Table, known: Known) -> Iterator[Proposal]:
    titles, providers = table.column("title"), table.column("provider")
    own = set(providers)
    register = _register((provider, title) for provider, title in known.titles if provider in own)
    keys = [(provider, _loose(title)) for provider, title in zip(providers, titles, strict=True)]
    first: dict[tuple[str, str], int] = {}
    for index, key in enumerate(zip(providers, titles, strict=True)):
        first.setdefault(key, index)
    for index, title in _respelt(titles, keys, register):
        zh = f"与“{title}”只差标点、空格或字形"
        twin = first.get((providers[index], title))
        agree = twin is None or all(_agree(table.column(element), index, twin) for element in ("code", "abstract"))
        is_certain = agree and _close(titles[index]) == _close(title)
        if not is_certain:
            zh += "；合并后是同一目录，请核对"
        yield Proposal("near_duplicate", index, "title", title, zh, f"all but the same as {title}", is_certain)


def _register(names: Iterable[tuple[str, str]]) -> dict[Key, set[str]]:
    """The directory's spellings by key."""
    found: dict[Key, set[str]] = {}
    for provider, name in names:
        found.setdefault((provider, _loose(name)), set()).add(name)
    return found


def _respelt(names: Sequence[str], keys: Sequence[Key], register: Mapping[Key, set[str]]) -> Iterator[tuple[int, str]]:
    """The rows whose name has another spelling that is to be preferred, and that spelling.

    Names that the directory has in several spellings are several things, and are left alone.
    """
    spellings: dict[Key, Counter[str]] = {}
    for name, key in zip(names, keys, strict=True):
        if name and key[1]:
            spellings.setdefault(key, Counter())[name] += 1
    preferred: dict[Key, str] = {}
    for key, counts in spellings.items():
        registered = register.get(key, set())
        if len(registered) == 1:
            preferred[key] = next(iter(registered))
        elif not registered and len(counts) > 1:
            preferred[key] = _preferred(counts)
    for index, (name, key) in enumerate(zip(names, keys, strict=True)):
        if name and preferred.get(key, name) != name:
            yield index, preferred[key]


def _preferred(counts: Mapping[str, int]) -> str:
    """The commonest spelling, the first of equals; one with stray spaces or a full stop only where all have them."""
    clean: Iterable[str] = [name for name in counts if not _NOT_CLEAN.search(name)] or list(counts)
    return max(clean, key=lambda name: counts[name])


def _agree(texts: Sequence[str], one: int, other: int) -> bool:
    return not texts[one] or not texts[other] or texts[one] == texts[other]


@lru_cache(maxsize=50_000)
def _close(name: str) -> str:
    """The name without white space, full width and a stop at its end: what nobody means when typing it."""
    half = name.translate(_TO_HALF_WIDTH)
    kept = (character for character in half if unicodedata.category(character)[0] not in "ZC")
    return "".join(kept).rstrip(_STOPS)


@lru_cache(maxsize=50_000)
def _loose(name: str) -> str:
    """The name without punctuation (but between two digits: 1.2 is not 12), case, 的, and in simplified characters."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    if not plain.isascii():
        plain = simplified(plain).replace("的", "")
    plain = "".join(character for character in plain if unicodedata.category(character)[0] not in "ZC")
    return "".join(
        character
        for index, character in enumerate(plain)
        if unicodedata.category(character)[0] != "P"
        or (plain[:index][-1:].isdigit() and plain[index + 1 :][:1].isdigit())
    )
