"""A department, the office, and workbooks to import."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import openpyxl
import pytest

from directory.roles import Role

HEADER = ("信息资源名称", "信息资源提供方", "信息资源摘要", "更新周期", "共享类型")


@pytest.fixture(scope="module")
def office(city: Any) -> Any:
    """The office's reviewer."""
    return city.person(city.organisation(is_office=True), Role.OFFICE_REVIEWER)


@dataclass(frozen=True)
class Department:
    """A department's people, and rows of a workbook that name it."""

    code: str
    name: str
    editor: Any
    head: Any

    def row(self, title: str, abstract: str = "有哪些数据", cycle: str = "每年", **more: str) -> tuple[str, ...]:
        return (title, more.get("provider", self.name), abstract, cycle, more.get("share", "无条件共享"))

    def upload(self, data: bytes, name: str = "目录.xlsx") -> Any:
        answer = self.editor.client.post("/api/v1/imports", files={"file": (name, data)})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def checked(self, data: bytes, name: str = "目录.xlsx", mapping: Any = ()) -> Any:
        """Upload, map as proposed (but for ``mapping``), check to the end."""
        made = self.upload(data, name)
        if not name.endswith(".xml"):
            self.post(made, "mapping", columns=list(mapping))
        return self.recheck(made)

    def recheck(self, made: Any) -> Any:
        for _ in range(5):
            made = self.post(made, "check")
            if made["state"] == "checked":
                return made
        raise AssertionError("the check does not end")

    def post(self, made: Any, verb: str, expect: int = 200, **body: Any) -> Any:
        answer = self.editor.client.post(f"/api/v1/imports/{made['id']}/{verb}", json=body)
        assert answer.status_code == expect, answer.text
        return answer.json()

    def get(self, made: Any, what: str = "") -> Any:
        answer = self.editor.client.get(f"/api/v1/imports/{made['id']}{what}")
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def department(city: Any) -> Department:
    code = city.organisation()
    editor = city.person(code, Role.EDITOR)
    return Department(code, editor.actor.org_name, editor, city.person(code, Role.DEPARTMENT_HEAD))


@pytest.fixture(scope="session")
def book() -> Callable[..., bytes]:
    """A workbook of one sheet with these rows below a header."""

    def make(*rows: tuple[Any, ...], header: tuple[str, ...] = HEADER) -> bytes:
        made = openpyxl.Workbook()
        sheet = made.active
        assert sheet is not None
        sheet.title = "目录"
        for row in (header, *rows):
            sheet.append(row)
        data = io.BytesIO()
        made.save(data)
        return data.getvalue()

    return make
