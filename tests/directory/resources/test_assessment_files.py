"""Files of assessments: what is taken, who gets it and how, that the log has its digest and nothing else of it."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from directory.audit.models import AuditOut
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.resources.assessment_files import Document
from directory.roles import Role
from standards.crypto import digest_hex

PDF = b"%PDF-1.7\n<script>alert(1)</script>\xff\x00"
FIELDS = {"kind": "secrecy", "conclusion": "可以共享", "assessed_on": "2026-01-05"}


def archive(*names: str) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("报告.pdf", PDF, ""),
        ("C:\\文件\\审查表.PDF", PDF, ""),
        ("报告.ofd", archive("OFD.xml"), ""),
        ("报告.docx", archive("word/document.xml"), ""),
        ("扫描.jpeg", b"\xff\xd8\xff\xe0", ""),
        ("扫描.png", b"\x89PNG\r\n\x1a\n", ""),
        ("报告.pdf", b"<html>", "ASSESSMENT_FILE_KIND"),
        ("报告.html", PDF, "ASSESSMENT_FILE_KIND"),
        ("报告.pdf.exe", PDF, "ASSESSMENT_FILE_KIND"),
        ("报告", PDF, "ASSESSMENT_FILE_KIND"),
        ("", b"", "ASSESSMENT_FILE_KIND"),
        ("报告.ofd", archive("word/document.xml"), "ASSESSMENT_FILE_KIND"),
        ("报告.docx", b"PK\x03\x04" + b"\xff" * 200, "ASSESSMENT_FILE_KIND"),
        ("报告.pdf", b"%PDF-" + bytes(LIMITS.assessment_file_bytes), "ASSESSMENT_FILE_LARGE"),
    ],
)
def test_what_is_taken(name: str, data: bytes, code: str) -> None:
    if not code:
        kept = Document.of(name, data)
        assert (kept.data, kept.sha256) == (data, digest_hex(data))
        assert "\\" not in kept.name
        return
    with pytest.raises(DirectoryError) as refused:
        Document.of(name, data)
    assert refused.value.code == code


def test_a_name_keeps_nothing_that_could_steer_a_header_or_a_path() -> None:
    assert Document.of("../../a\r\nSet-Cookie: x\u202e.pdf", PDF).name == "aSet-Cookie: x.pdf"
    assert len(Document.of("长" * 400 + ".pdf", PDF).name) == 255


def test_recorded_listed_and_handed_out_to_those_who_see_the_assessment(
    department: Any, office: Any, city: Any, move: Any, session: Session
) -> None:
    ref, client = department.register()["id"], department.editor.client
    place = f"/api/v1/resources/{ref}/assessments"
    made = client.post(f"{place}/files", data=FIELDS, files={"file": ("保密审查.pdf", PDF)})
    assert (made.status_code, made.json()["version"]) == (201, 2), made.text
    assert client.post(place, json=FIELDS | {"kind": "personal_information"}).status_code == 201
    lines = client.get(place).json()
    sha256 = digest_hex(PDF)
    assert [each["file"] for each in lines] == [
        {"name": "保密审查.pdf", "size_bytes": len(PDF), "sha256": sha256},
        None,
    ]
    assert [(each["number"], each["is_void"]) for each in lines] == [(1, False), (2, False)]
    told = session.scalars(select(AuditOut).where(AuditOut.bytes.contains(ref.encode()))).all()
    said = [bytes(each.bytes).decode() for each in told if b"file_sha256" in bytes(each.bytes)]
    assert len(said) == 1
    assert sha256 in said[0]
    assert "保密审查" not in said[0]
    answer = client.get(f"{place}/1/file")
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert [client.get(f"{place}/{number}/file").status_code for number in (2, 3)] == [404, 404]
    assert client.get(f"{place}/0/file").status_code == 422
    other = city.person(city.organisation(), Role.REQUESTER).client
    assert other.get(f"{place}/1/file").status_code == 404, "a draft is not theirs to know of"
    for person, to in ((department.head, "head_approved"), (department.editor, "submitted")):
        move(person, ref, to)
    assert office.reviewer.client.get(f"{place}/1/file").content == PDF
    move(office.reviewer, ref, "reviewed")
    move(office.approver, ref, "published")
    assert other.get(f"{place}/1/file").content == PDF, "whoever sees the published entry sees how it was assessed"
    assert client.post(f"{place}/files", data=FIELDS, files={"file": ("新.pdf", PDF)}).status_code == 201
    assert client.get(f"{place}/3/file").status_code == 200
    assert other.get(f"{place}/3/file").status_code == 404, "not yet published"
    assert len(other.get(place).json()) == 2
    assert city.client().get(f"{place}/1/file").status_code == 401


def test_refused_files_leave_no_assessment(department: Any, office: Any) -> None:
    ref, client = department.register()["id"], department.editor.client
    place = f"/api/v1/resources/{ref}/assessments/files"
    for data, file, status in (
        (FIELDS, ("a.pdf", b"MZ"), 400),
        (FIELDS, ("a.pdf", b"%PDF-" + bytes(LIMITS.assessment_file_bytes)), 413),
        (FIELDS | {"conclusion": ""}, ("a.pdf", PDF), 422),
    ):
        answer = client.post(place, data=data, files={"file": file})
        assert answer.status_code == status, answer.text
    assert client.post(place, data=FIELDS).status_code == 422
    assert office.reviewer.client.post(place, data=FIELDS, files={"file": ("a.pdf", PDF)}).status_code == 403
    assert client.get(f"/api/v1/resources/{ref}").json()["version"] == 1


def test_files_are_only_ever_added(session: Session) -> None:
    for statement in ("UPDATE assessment_file SET name = ''", "DELETE FROM assessment_file"):
        with pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
            session.execute(text(statement))
