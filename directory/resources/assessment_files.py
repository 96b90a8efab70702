"""The file of an assessment (Article 13): kept as it came beside the version that records it, handed out, never opened.

Assessments are only ever added to an entry, so the place of one among them (1 is the first) names it in every version
that has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from typing import Final
from zipfile import BadZipFile, ZipFile

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.resources.models import AssessmentFile, ResourceEntry
from directory.resources.queries import find, shown_record
from directory.scanning import require_clean
from standards.crypto import digest_hex

_NAME_CHARACTERS: Final = 255
_ZIP: Final = b"PK\x03\x04"
_BEGINNINGS: Final[Mapping[str, bytes]] = {
    ".pdf": b"%PDF-",
    ".ofd": _ZIP,
    ".docx": _ZIP,
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    ".png": b"\x89PNG\r\n\x1a\n",
}
_MEMBERS: Final[Mapping[str, str]] = {".ofd": "OFD.xml", ".docx": "word/document.xml"}
SUFFIXES: Final = tuple(_BEGINNINGS)


@dataclass(frozen=True)
class Document:
    """A file that may be kept: its name without folders, its bytes, their SHA-256 in hexadecimal."""

    name: str
    data: bytes
    sha256: str

    @classmethod
    def of(cls, name: str, data: bytes) -> "Document":
        """Raises ``ASSESSMENT_FILE_LARGE``, and ``ASSESSMENT_FILE_KIND`` where name and first bytes are of no kind."""
        if len(data) > LIMITS.assessment_file_bytes:
            raise DirectoryError(
                "ASSESSMENT_FILE_LARGE", size_bytes=len(data), limit_bytes=LIMITS.assessment_file_bytes
            )
        document = cls(bare_name(name), data, digest_hex(data))
        if not is_of_its_kind(document.suffix, data):
            raise DirectoryError("ASSESSMENT_FILE_KIND", offered=list(SUFFIXES))
        return document

    @property
    def suffix(self) -> str:
        """How the name ends, in lower case: ``.pdf``."""
        return PurePath(self.name).suffix.lower()


@dataclass(frozen=True)
class Attached:
    """What is known of a file without reading it."""

    name: str
    size_bytes: int
    sha256: str


def attached(session: Session, entry: ResourceEntry) -> dict[int, Attached]:
    """The files of the entry's assessments by their numbers; whoever asks shows those of assessments they show."""
    query = select(AssessmentFile.number, AssessmentFile.name, AssessmentFile.size_bytes, AssessmentFile.sha256).where(
        AssessmentFile.resource_id == entry.id
    )
    return {each.number: Attached(each.name, each.size_bytes, each.sha256) for each in session.execute(query)}


def keep(session: Session, entry: ResourceEntry, number: int, document: Document) -> None:
    """The file beside the entry's version just written, in which this assessment is the last.

    Raises ``FILE_INFECTED``, ``SCANNER_AWAY``.
    """
    require_clean(session, document.data)
    session.add(
        AssessmentFile(
            resource_id=entry.id,
            number=number,
            version=entry.current_version,
            name=document.name,
            size_bytes=len(document.data),
            sha256=document.sha256,
            data=document.data,
        )
    )
    session.flush()


def assessment_file(session: Session, actor: Actor, ref: str, number: int) -> AssessmentFile:
    """The file of an assessment, for whoever sees the assessment.

    Raises ``ASSESSMENT_FILE_NOT_FOUND`` where there is none, or where the version they see does not have it yet.
    """
    entry = find(session, actor, ref)
    is_seen = 1 <= number <= len(shown_record(session, actor, entry).assessments)
    kept = session.get(AssessmentFile, (entry.id, number)) if is_seen else None
    if kept is None:
        raise DirectoryError("ASSESSMENT_FILE_NOT_FOUND", number=number)
    return kept


def bare_name(name: str) -> str:
    """A file's name as it was sent, without folders and what cannot be printed; of a long one its end."""
    title = "".join(each for each in PurePath(name.replace("\\", "/")).name if each.isprintable())
    return title[-_NAME_CHARACTERS:]


def is_of_its_kind(suffix: str, data: bytes) -> bool:
    """Whether the first bytes, and the members of an archive, are those of a file with this ending."""
    beginning = _BEGINNINGS.get(suffix)
    if beginning is None or not data.startswith(beginning):
        return False
    if suffix not in _MEMBERS:
        return True
    try:
        with ZipFile(BytesIO(data)) as archive:  # its list of names only; nothing is unpacked
            return _MEMBERS[suffix] in archive.namelist()
    except (BadZipFile, ValueError, OSError, NotImplementedError):
        return False
