"""Fault 1: the name of an information system where a resource or a department should stand."""

import re
from collections.abc import Iterator
from typing import Final

from metadata.formats.doctor.fault import Known
from metadata.formats.doctor.provider import Providers, is_department, is_system
from metadata.formats.doctor.table import Proposal, Table

# Systems of the world itself, about which there are data.
_NATURAL: Final = re.compile(r"(生态|供水|排水|供热|供电|供气|消防|灌溉|防洪|水循环|交通)系统")
_SYSTEM_WORDS: Final = re.compile(
    r"(综合|信息|数据|业务|服务|监督|监管|管理|应用|办公)*(系统|平台|管理软件|应用软件|小程序|门户|网站).*"
)


def find_system_names(table: Table, known: Known) -> Iterator[Proposal]:
    """Titles and providers that are systems. The system's own column takes the name where it is still free."""
    if "title" in table.columns:
        yield from _titles(table)
    if "provider" in table.columns:
        yield from _providers(table, known)


def _titles(table: Table) -> Iterator[Proposal]:
    for index, title in enumerate(table.column("title")):
        if not title or not is_system(title) or _NATURAL.fullmatch(title[-4:]):
            continue
        stem = _SYSTEM_WORDS.sub("", title)
        zh = f"“{title}”是系统名称，资源名称应写系统里的数据"
        if stem:
            zh += f"，如“{stem}信息”"
        yield Proposal("system_name", index, "title", None, zh, "a system's name, not that of data")
        yield from _moved(table, index, title)


def _providers(table: Table, known: Known) -> Iterator[Proposal]:
    providers = Providers(table, known)
    for index, provider in enumerate(table.column("provider")):
        if not provider or is_department(provider, known):
            continue
        zh, en = f"“{provider}”是系统名称，不是部门", "a system's name, not a department's"
        likely = providers.likely(index)
        if likely is None:
            yield Proposal("system_name", index, "provider", None, f"{zh}，请填部门全称", en)
        else:
            zh, en = f"{zh}；{likely.zh}", f"{en}; {likely.en}"
            yield Proposal("system_name", index, "provider", likely.name, zh, en, likely.is_certain)
        yield from _moved(table, index, provider)


def _moved(table: Table, index: int, name: str) -> Iterator[Proposal]:
    if "source_system" in table.columns and not table.column("source_system")[index]:
        zh = f"系统名称“{name}”写到来源系统一列"
        yield Proposal("system_name", index, "source_system", name, zh, "where a system's name belongs", True)
