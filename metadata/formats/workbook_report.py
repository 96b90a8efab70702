"""What came of reading a catalogue workbook, for a program (JSON) and for the person who has to correct it (xlsx).

The xlsx is the workbook itself with its cells marked (``doctor.mark``).
"""

import json
from typing import Literal

from metadata.formats.doctor.mark import mark
from metadata.formats.workbook import WorkbookDrafts


def write_report(form: Literal["json", "xlsx"], drafts: WorkbookDrafts, data: bytes, name: str) -> bytes:
    """The report in one of its forms; ``data`` and ``name`` are of the file the drafts were read from."""
    if form == "json":
        return _json(drafts, name)
    return mark(data, name, drafts.findings, ())


def _json(drafts: WorkbookDrafts, name: str) -> bytes:
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
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
