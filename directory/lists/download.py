"""A file made just now, as a download."""

from urllib.parse import quote

from fastapi import Response

from directory.clock.today import shanghai_today
from directory.resources.exporting import DOCX_MEDIA_TYPE, XLSX_MEDIA_TYPE


def workbook(title: str, data: bytes) -> Response:
    """A workbook, named after ``title`` and the day."""
    return _download(title, data, XLSX_MEDIA_TYPE, "xlsx")


def document(title: str, data: bytes) -> Response:
    """A Word document, named after ``title`` and the day."""
    return _download(title, data, DOCX_MEDIA_TYPE, "docx")


def _download(title: str, data: bytes, media_type: str, suffix: str) -> Response:
    name = quote(f"{title}-{shanghai_today():%Y%m%d}.{suffix}", safe="")
    return Response(
        data, media_type=media_type, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )
