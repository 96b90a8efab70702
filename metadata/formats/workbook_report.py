"""What came of reading a catalogue workbook, for a program (JSON) and for the person who has to correct it (xlsx).

The xlsx is the workbook itself with its cells marked (``doctor.mark``).
"""

import json
from collections.abc import Sequence
from typing import Literal

from metadata.formats.doctor.fault import Repair
from metadata.formats.doctor.mark import mark
from metadata.formats.sheet import Sheet
from metadata.formats.workbook import WorkbookDrafts


def write_report(
    form: Literal["json", "xlsx"],
    drafts: WorkbookDrafts,
    data: bytes,
    name: str,
    repairs: Sequence[Repair] = (),
    sheets: Sequence[Sheet] | None = None,
) -> bytes:
    """The report in one of its forms; ``data`` and ``name`` are of the file the drafts were read from.

    ``repairs`` are what the doctor would make of it, ``sheets`` those of the file where they have been read already.
    """
    if form == "json":
        return _json(drafts, name, repairs)
    return mark(data, name, drafts.findings, repairs, sheets)


def _json(drafts: WorkbookDrafts, name: str, repairs: Sequence[Repair]) -> bytes:
    document = {
        "file": name,
        "rows": drafts.rows,
        "drafts": [
            {
                "title": draft.resource.title,
                "provider": draft.resource.provider.name,
                "rows": [{"sheet": each.sheet, "row": each.row} for each in draft.source_rows],
                "lacks": [finding.model_dump() for finding in draft.findings],
            }
            for draft in drafts.drafts
        ],
        "findings": [finding.model_dump() for finding in drafts.findings],
        "repairs": [each.model_dump() for each in repairs],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
