"""First half of the main job: each entry from draft to published, every step by the account that holds the role."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from directory.roles import Role
from hutong.demo.catalogue import Entry
from hutong.demo.city import OFFICE
from hutong.demo.directory_client import DirectoryClient
from hutong.demo.people import People
from hutong.errors import HutongError

_ASSESSMENTS = (
    ("secrecy", "经逐项核对，不含国家秘密和工作秘密，可以编目。"),
    ("personal_information", "已按最小必要原则界定共享范围并采取加密、留痕措施，影响可控。"),
)


@dataclass(frozen=True)
class Published:
    """An entry as it stands in the directory."""

    entry: Entry
    resource_id: str
    identifier: str
    code: str


def publish(people: People, entry: Entry, today: date) -> Published:
    """Bring one entry to ``published`` from wherever an earlier run left it."""
    editor = people.client(entry.provider, Role.EDITOR)
    found = _find(editor, entry)
    if found is None:
        found = editor.post("/api/v1/resources", entry.resource(people.code(entry.provider)).model_dump(mode="json"))
    resource = f"/api/v1/resources/{found['id']}"
    while (status := editor.get(resource)["status"]) != "published":
        if status == "draft":
            assess(editor, resource, today)
            people.client(entry.provider, Role.DEPARTMENT_HEAD).post(
                f"{resource}/transitions", {"to": "head_approved", "comment": "内容属实，同意编目。"}
            )
        elif status == "head_approved":
            editor.post(f"{resource}/transitions", {"to": "submitted", "comment": ""})
        elif status == "submitted":
            people.client(OFFICE, Role.OFFICE_REVIEWER).post(
                f"{resource}/transitions", {"to": "reviewed", "comment": "要素齐全，属性依据充分。"}
            )
        elif status == "reviewed":
            people.client(OFFICE, Role.OFFICE_APPROVER).post(
                f"{resource}/transitions", {"to": "published", "comment": "同意发布。"}
            )
        else:
            raise HutongError("DEMO_STUCK", subject=entry.title, state=status)
    full = editor.get(resource)
    return Published(entry, full["id"], full["identifier"], full["code"])


def assess(editor: DirectoryClient, resource: str, today: date) -> None:
    """The two assessments that an entry needs before its head approves it."""
    for kind, conclusion in _ASSESSMENTS:
        told = {"kind": kind, "conclusion": conclusion, "assessed_on": today.isoformat(), "is_passed": True}
        editor.post(f"{resource}/assessments", told)


def must_be_found(people: People, published: Published) -> None:
    """A user of another department finds the entry by Chinese words; raises ``HutongError DEMO_NOT_FOUND`` if not."""
    requester = next(department for department in people.departments if department is not published.entry.provider)
    client = people.client(requester, Role.REQUESTER)
    page = client.get("/api/v1/resources", q=published.entry.words, size=50)
    if published.identifier not in {item["identifier"] for item in page["items"]}:
        raise HutongError("DEMO_NOT_FOUND", words=published.entry.words, title=published.entry.title)


def _find(client: Any, entry: Entry) -> Any:
    page = client.get("/api/v1/resources", q=entry.title, provider=client.org_code, size=50)
    return next((item for item in page["items"] if item["title"] == entry.title), None)
