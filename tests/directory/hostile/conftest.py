"""A directory with something of everything in it, and the people who may send it anything."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI

from directory.clock.today import shanghai_today
from directory.reform.work import turn
from directory.roles import Role
from metadata.guessing import propose
from metadata.profile import ColumnProfile, TableProfile
from metadata.signed import Signed

PROBLEM = "application/problem+json"
_LEAKS = ("Traceback (most recent call last)", 'File "/', "psycopg2.", "sqlalchemy.", "pydantic_core.")
_SHEET = "信息资源名称,信息资源提供方,信息资源摘要\n企业名录,{name},企业的名录\n系统表,,\n".encode()


@dataclass(frozen=True)
class Scene:
    """``people`` by what they are, for the API, and their ``browsers``; ``nobody`` is signed out.

    ``known`` are values that exist by the name of the parameter, ``meant`` values a body may well have by their key.
    """

    app: FastAPI
    people: Mapping[str, Any]
    browsers: Mapping[str, Any]
    known: Mapping[str, Sequence[str]]
    meant: Mapping[str, Sequence[Any]]
    node: Any

    def filled(self, path: str, **values: str) -> str:
        """The route's path with what exists, or with these values."""
        for name, known in self.known.items():
            path = path.replace(f"{{{name}}}", values.get(name, known[0]))
        return path

    def judge(self, answer: Any, what: object) -> None:
        """An answer is never a server error and shows nothing of the inside; a refusal explains itself."""
        kind = answer.headers.get("content-type", "")
        assert answer.status_code < 500, (what, answer.status_code, answer.text[:400])
        if kind.startswith(("text/", "application/json", PROBLEM)):
            assert not [each for each in _LEAKS if each in answer.text], (what, answer.text[:400])
        if answer.status_code < 400 or kind.startswith("text/html"):
            return
        assert kind == PROBLEM, (what, answer.status_code, kind)
        body = answer.json()
        assert {"type", "title", "status", "detail", "detail_en", "code", "next_step"} <= body.keys(), (what, body)
        assert body["status"] == answer.status_code, (what, body)
        assert any("一" <= each <= "鿿" for each in body["detail"]), (what, body)


@pytest.fixture(scope="module")
def scene(city: Any, new_node: Callable[..., Any], request: pytest.FixtureRequest) -> Scene:
    """Entries in two states, a request, an import, a proposal, a change of duty, a prefix, a library and a node."""
    org, office = city.organisation(), city.organisation("示例市大数据中心", is_office=True)
    editor = city.person(org, Role.EDITOR, Role.SHARING_LEAD)
    head, reviewer = city.person(org, Role.DEPARTMENT_HEAD), city.person(office, Role.OFFICE_REVIEWER)
    everybody = {
        "editor": editor,
        "office": city.person(office, Role.OFFICE_APPROVER, Role.OFFICE_REVIEWER),
        "requester": city.person(city.organisation(), Role.REQUESTER, Role.SHARING_LEAD),
        "auditor": city.person(office, Role.AUDITOR),
        "administrator": city.person(office, Role.SYSTEM_ADMIN),
    }
    node = new_node(f"n_{request.path.stem}", org)
    drafts = [made(editor, "/resources", _entry(editor, node.name, f"企业信息{number}")) for number in range(3)]
    for kind in ("secrecy", "personal_information"):
        assessment = {"kind": kind, "conclusion": "可以共享", "assessed_on": "2026-01-05"}
        made(editor, f"/resources/{drafts[0]['id']}/assessments", assessment)
    steps = ((head, "head_approved"), (editor, "submitted"), (reviewer, "reviewed"))
    for who, to in (*steps, (everybody["office"], "published")):
        made(who, f"/resources/{drafts[0]['id']}/transitions", {"to": to})
    draft, published = drafts[1]["id"], drafts[0]["id"]
    change = {"kind": "duty", "title": "职责调整", "changed_on": "2026-01-05", "refs": [draft, published]}
    asked = {
        "resource": published,
        "items": ["name"],
        "basis": "《社会保险法》第七十四条",
        "scenario": "待遇资格核验",
        "scope": "本部门",
        "valid_until": "2030-01-01",
        "statement": True,
    }
    made(everybody["office"], "/libraries", {"name": "roads", "label": "道路"})
    made(everybody["office"], "/libraries/roads/items", {"field": "road", "name": "道路名称"})
    sheet = {"file": ("目录.csv", _SHEET.replace(b"{name}", editor.actor.org_name.encode()), "text/csv")}
    carried_out, uploaded = (_imported(editor, sheet, until) for until in ("carried_out", "uploaded"))
    newer = {"file": ("目录.csv", sheet["file"][1].replace("企业的名录".encode(), "有变化".encode()), "text/csv")}
    imports = [_imported(editor, newer, "checked"), carried_out, uploaded]
    column = ColumnProfile(name="gmsfhm", sql_type="character varying(18)", is_key=True, is_nullable=False)
    table = TableProfile(
        schema_name="public", table="hj", kind="table", comment="户籍", row_count=1, size_bytes=1, columns=(column,)
    )
    signed = Signed.sign("proposal/1", propose(table, node.name, org), node.identity).model_dump(mode="json")
    assert node.call("POST", f"/api/v1/nodes/{node.name}/proposals", [signed]).status_code == 200
    objection = {"topic": "catalogue", "resource": published, "words": "不认可"}
    known = {
        "ref": [draft, published, drafts[2]["identifier"].replace("/", "~")],
        "request_id": [made(everybody["requester"], "/requests", asked)["id"]],
        "reform_id": _acts(city, everybody["office"]),
        "change_id": [made(editor, "/duty-changes", change)["id"]],
        "correction_id": [made(everybody["requester"], "/corrections", {"resource": published, "words": "有误"})["id"]],
        "objection_id": [made(everybody["requester"], "/objections", objection)["id"]],
        "complaint_id": [made(everybody["requester"], "/complaints", {"topic": "other", "words": "反映"})["id"]],
        "import_id": imports,
        "proposal_id": [editor.client.get("/api/v1/proposals").json()["items"][0]["id"]],
        "node_id": [node.name],
        "name": ["roads", "population"],
        "library": ["roads", "population"],
        "field": ["road"],
        "org_code": [org],
        "code": [everybody["office"].client.get("/api/v1/prefixes").json()["prefixes"][0]["code"]],
        "version": ["1"],
        "prefix": [drafts[0]["identifier"].split("/")[0]],
        "suffix": [drafts[0]["identifier"].split("/")[1]],
        "front": ["307001"],
        "seq": ["1"],
        "form": ["repaired", "marked"],
        "route_id": ["none"],
        "grant_id": ["00000000-0000-4000-8000-000000000000"],
    }
    provider = {"name": editor.actor.org_name, "code": org}
    meant = {
        "provider": [provider],
        "refs": [[draft], [published, draft]],
        "resource": [published],
        "org_code": [org, office],
        "to": ["head_approved", "draft", "submitted", "reviewed", "published", "suspended", "req_approved", "agreed"],
        "version": [1],
        "name": ["roads", "道路"],
        "library": ["roads", "legal_person"],
        "mounts": [[]],
    }
    browsers = {name: city.browser(person.actor.username).client for name, person in everybody.items()}
    return Scene(
        city.app,
        {name: person.client for name, person in everybody.items()} | {"nobody": city.client()},
        browsers | {"nobody": city.client()},
        known,
        meant,
        node,
    )


def _acts(city: Any, office: Any) -> list[str]:
    """Two acts on departments: one that waits for a server, and one that was stopped."""
    found = []
    for name in ("示例市停办局", "示例市待办局"):
        act = {"kind": "rename", "organisations": [city.organisation()], "name": name, "basis": "第7号文件"}
        act |= {"effective_on": shanghai_today().isoformat()}
        digest = made(office, "/reforms/preview", act)["digest"]
        answer = office.client.post("/api/v1/reforms/begin", json=act | {"digest": digest})
        assert answer.status_code == 202, answer.text
        found.append(answer.json()["reform_id"])
        if len(found) == 1:
            made(office, f"/reforms/{found[0]}/stop", {})
            assert turn(city.app.state.sessions, city.app.state.directory_key)
    return found[::-1]


def made(person: Any, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What the API answered to this."""
    answer = person.client.post(f"/api/v1{path}", json=body)
    assert answer.status_code in {200, 201}, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _imported(editor: Any, sheet: dict[str, Any], until: str) -> str:
    """An import that is as far as this."""
    answer = editor.client.post("/api/v1/imports", files=sheet)
    assert answer.status_code == 201, answer.text
    place = f"/api/v1/imports/{answer.json()['id']}"
    state = answer.json()["state"]
    if state != until:
        made_so = editor.client.post(f"{place}/mapping", json={"columns": []})
        assert made_so.status_code == 200, made_so.text
    while state not in {until, "checked"}:
        state = editor.client.post(f"{place}/check", json={}).json()["state"]
    if state != until:
        made_so = editor.client.post(f"{place}/run", json={"only_good": True})
        assert (made_so.status_code, made_so.json().get("state")) == (200, until), made_so.text
    return str(answer.json()["id"])


def _entry(editor: Any, node: str, title: str) -> dict[str, Any]:
    column = {"field": "name", "column": "name", "sql_type": "text"}
    return {
        "title": title,
        "provider": {"name": editor.actor.org_name, "code": editor.actor.org_code},
        "abstract": "在本市登记的企业的名称、住所和登记状态。",
        "keywords": ["企业"],
        "categories": [{"scheme": "主题分类", "name": "市场监督管理"}],
        "library": "legal_person",
        "formats": [{"category": "数据库", "types": ["dm"]}],
        "items": [
            {"name": "统一社会信用代码", "field": "uscc", "length": 18, "is_key": True, "is_nullable": False},
            {"name": "企业名称", "field": "name", "length": 200},
        ],
        "sharing": {"share_type": "unconditional", "conditions": "工作参考、业务协同", "method_types": ["batch"]},
        "openness": {"is_open": False},
        "data_grade": "一般数据2级",
        "update_cycle": "daily",
        "mounts": [{"mount_id": "m", "node": node, "table": "qy", "columns": [column]}],
    }
