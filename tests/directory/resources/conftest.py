"""Records to register, and the people of one department and the office."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from directory.roles import Role


@pytest.fixture(scope="module")
def office(city: Any) -> Any:
    """The information office with its reviewer and its head."""
    code = city.organisation(is_office=True)
    return Office(code, city.person(code, Role.OFFICE_REVIEWER), city.person(code, Role.OFFICE_APPROVER))


@pytest.fixture
def department(city: Any) -> Any:
    """A department with an editor, another editor and a head."""
    code = city.organisation()
    return Department(
        code,
        editor=city.person(code, Role.EDITOR),
        colleague=city.person(code, Role.EDITOR),
        head=city.person(code, Role.DEPARTMENT_HEAD),
    )


@dataclass(frozen=True)
class Office:
    code: str
    reviewer: Any
    approver: Any


@dataclass(frozen=True)
class Department:
    """``draft`` makes a complete record of this department's."""

    code: str
    editor: Any
    colleague: Any
    head: Any

    def draft(self, title: str = "企业基本信息", **changes: Any) -> dict[str, Any]:
        record = {
            "title": title,
            "provider": {"name": self.editor.actor.org_name, "code": self.code},
            "abstract": "在本市登记的企业的名称、住所和登记状态。𠮷林路",
            "keywords": ["企业", "登记"],
            "categories": [{"scheme": "主题分类", "name": "市场监督管理"}],
            "library": "legal_person",
            "formats": [{"category": "数据库", "types": ["dm"]}],
            "items": [
                {
                    "name": "统一社会信用代码",
                    "field": "uscc",
                    "type_code": "C",
                    "length": 18,
                    "is_key": True,
                    "is_nullable": False,
                    "data_element": "GB 32100",
                },
                {"name": "企业名称", "field": "name", "type_code": "C", "length": 200},
            ],
            "sharing": {"share_type": "unconditional", "conditions": "工作参考、业务协同", "method_types": ["batch"]},
            "openness": {"is_open": False},
            "data_grade": "一般数据2级",
            "update_cycle": "daily",
        }
        return record | changes

    def register(self, **changes: Any) -> dict[str, Any]:
        answer = self.editor.client.post("/api/v1/resources", json=self.draft(**changes))
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def assess(self, ref: str) -> None:
        for kind in ("secrecy", "personal_information"):
            answer = self.editor.client.post(
                f"/api/v1/resources/{ref}/assessments",
                json={"kind": kind, "conclusion": "可以共享", "assessed_on": "2026-01-05"},
            )
            assert answer.status_code == 201, answer.text


@pytest.fixture
def move() -> Callable[..., Any]:
    """Ask for a transition and expect this HTTP status."""

    def ask(person: Any, ref: str, to: str, comment: str = "", expect: int = 200) -> dict[str, Any]:
        answer = person.client.post(f"/api/v1/resources/{ref}/transitions", json={"to": to, "comment": comment})
        assert answer.status_code == expect, answer.text
        body: dict[str, Any] = answer.json()
        return body

    return ask


@pytest.fixture
def publish(office: Office, move: Callable[..., Any]) -> Callable[..., Any]:
    """Take a draft through head, submission, review and publication."""

    def run(department: Department, ref: str) -> None:
        department.assess(ref)
        move(department.head, ref, "head_approved")
        move(department.editor, ref, "submitted")
        move(office.reviewer, ref, "reviewed")
        move(office.approver, ref, "published")

    return run
