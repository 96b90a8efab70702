"""Fault 4, the departments' codes: 统一社会信用代码 (GB 32100) cut short, turned into a number, or written loosely."""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from metadata.formats.doctor.fault import Known
from metadata.formats.doctor.resource_code import find_custom, is_lost
from metadata.formats.doctor.table import Proposal, Table
from standards.check_digits import check_org_code, check_uscc

_ALIKE: Final = 8  # characters at the beginning that two spellings of one code share


def find_provider_codes(table: Table, known: Known) -> Iterator[Proposal]:
    """Codes that fail their check are those of their department, from the directory or other rows, else a person's."""
    if "provider_code" not in table.columns:
        return
    providers, codes, cells = table.column("provider"), table.column("provider_code"), table.cells["provider_code"]
    by_provider = _codes_by_provider(providers, codes) | {
        name: code for name, code in known.organisations.items() if is_credit_code(code)
    }
    has_credit_codes = bool(by_provider) or any(map(is_credit_code, codes))
    custom = None if has_credit_codes else find_custom(codes)
    for index, code in enumerate(codes):
        if not code or (not is_lost(code, cells[index]) and (is_credit_code(code) or _is_org_code(code))):
            continue
        plain = "".join(unicodedata.normalize("NFKC", code).split()).replace("-", "").upper()
        right = by_provider.get(providers[index])
        if is_credit_code(plain):
            zh, en = "代码里有空格、连字符、全角或小写字符", "spaces, hyphens, full width or lower case in the code"
            yield Proposal("short_code", index, "provider_code", plain, zh, en, True)
        elif right:
            zh, en = f"不是完整的统一社会信用代码，{providers[index]}的代码是“{right}”", "not a whole credit code"
            is_certain = plain[:_ALIKE] == right[:_ALIKE] or is_lost(code, cells[index])
            yield Proposal("short_code", index, "provider_code", right, zh, en, is_certain)
        elif has_credit_codes or is_lost(code, cells[index]):
            zh = "不是完整的统一社会信用代码（18 位），请对照证书填写"
            yield Proposal("short_code", index, "provider_code", None, zh, "not a whole credit code of 18 characters")
        elif custom and code.isdigit() and len(code) < custom.width:
            whole = code.zfill(custom.width)
            zh = f"代码比本列其他代码短，补成“{whole}”"
            is_certain = custom.is_zero_filled
            yield Proposal("short_code", index, "provider_code", whole, zh, "shorter than the other codes", is_certain)


@lru_cache(maxsize=10_000)
def is_credit_code(code: str) -> bool:
    """Whether the code is a 统一社会信用代码 as GB 32100 has it."""
    return len(code) == 18 and not any(finding.severity == "error" for finding in check_uscc(code, ""))


@lru_cache(maxsize=10_000)
def _is_org_code(code: str) -> bool:
    return not any(finding.severity == "error" for finding in check_org_code(code, ""))


def _codes_by_provider(providers: Sequence[str], codes: Sequence[str]) -> dict[str, str]:
    """The departments that have exactly one right code in the sheet, and it."""
    found: dict[str, set[str]] = {}
    for provider, code in zip(providers, codes, strict=True):
        if provider and is_credit_code(code):
            found.setdefault(provider, set()).add(code)
    return {provider: next(iter(own)) for provider, own in found.items() if len(own) == 1}
