"""A node that proposes, and its department's people."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from directory.roles import Role
from metadata.guessing import propose
from metadata.profile import ColumnProfile, TableProfile
from metadata.proposal import Proposal
from metadata.recognition import profile_values
from metadata.signed import Signed
from standards.check_digits import id_check_character

TODAY = date(2026, 3, 2)
_numbers = itertools.count(1)


def column(name: str, sql_type: str = "text", *values: str, **more: Any) -> ColumnProfile:
    seen = profile_values(values, [len(value) for value in values], TODAY) if values else None
    return ColumnProfile(name=name, sql_type=sql_type, values=seen, **more)


def residents(table: str, comment: str = "户籍人员", extra: tuple[ColumnProfile, ...] = ()) -> TableProfile:
    body = "11010519491231002"
    return TableProfile(
        schema_name="public",
        table=table,
        kind="table",
        comment=comment,
        row_count=1200,
        size_bytes=81920,
        columns=(
            column("gmsfhm", "character varying(18)", body + id_check_character(body), is_key=True, is_nullable=False),
            column("xm", "character varying(50)", "王小明", "李四"),
            column("xb", "character(1)", "1", "2"),
            column("bz", "text", "无"),
            *extra,
        ),
    )


@dataclass(frozen=True)
class Desk:
    """A node, its department's editor and head, and somebody of another department; ``table`` is each test's own."""

    node: Any
    editor: Any
    head: Any
    stranger: Any
    table: str = ""

    def profile(self, *extra: ColumnProfile) -> TableProfile:
        return residents(self.table, extra=extra)

    def proposal(self, profile: TableProfile | None = None, **changes: Any) -> Proposal:
        made = propose(profile or self.profile(), self.node.name, self.node.org_code)
        return Proposal.model_validate(made.model_dump() | changes)

    def post(self, *proposals: Proposal, key: Any = None) -> Any:
        signed = [Signed.sign("proposal/1", each, key or self.node.identity) for each in proposals]
        body = [each.model_dump(mode="json") for each in signed]
        return self.node.call("POST", f"/api/v1/nodes/{self.node.name}/proposals", body)

    def waiting(self) -> list[dict[str, Any]]:
        answer = self.editor.client.get("/api/v1/proposals")
        assert answer.status_code == 200, answer.text
        return [line for line in answer.json()["items"] if line["table"] == self.table]

    def proposed(self, *extra: ColumnProfile) -> str:
        """Post one and return its id."""
        assert self.post(self.proposal(self.profile(*extra))).json() == {"accepted": 1}
        (line,) = self.waiting()
        return str(line["id"])


@pytest.fixture(scope="module")
def department(city: Any, new_node: Callable[..., Any], request: pytest.FixtureRequest) -> Desk:
    org = city.organisation()
    return Desk(
        new_node(f"n_{request.path.stem}", org),
        editor=city.person(org, Role.EDITOR),
        head=city.person(org, Role.DEPARTMENT_HEAD),
        stranger=city.person(city.organisation(), Role.EDITOR),
    )


@pytest.fixture
def desk(department: Desk) -> Desk:
    return replace(department, table=f"hj_ry_{next(_numbers)}")
