"""Fault 5: no provider, or no summary. A provider may follow from the sheet; a summary is never invented."""

from collections.abc import Iterator

from metadata.formats.doctor.fault import Known
from metadata.formats.doctor.provider import Providers
from metadata.formats.doctor.table import Proposal, Table


def find_blanks(table: Table, known: Known) -> Iterator[Proposal]:
    """Titled rows without a provider, and entries none of whose rows has a summary (at the first)."""
    titles = table.column("title")
    if "provider" in table.columns:
        providers = Providers(table, known)
        for index, provider in enumerate(table.column("provider")):
            if provider or not titles[index]:
                continue
            likely = providers.likely(index)
            if likely is None:
                yield Proposal("empty_cell", index, "provider", None, "提供方没有填，请填部门全称", "no provider")
            else:
                zh, en = f"提供方没有填；{likely.zh}", f"no provider; {likely.en}"
                yield Proposal("empty_cell", index, "provider", likely.name, zh, en, likely.is_certain)
    if "abstract" in table.columns:
        abstracts = table.column("abstract")
        for rows in table.entries():
            if not any(abstracts[index] for index in rows):
                zh = "摘要没有填，请用一两句话写明有哪些数据、来自哪项业务"
                yield Proposal("empty_cell", rows[0], "abstract", None, zh, "no summary; say what data, of which duty")
