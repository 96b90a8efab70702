"""Two departments and the office, a published entry, and requests driven through HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from directory.access.decide import decide
from directory.access.drafting import create
from directory.access.said import Said
from directory.access.states import Act
from directory.clock.deadlines import day_of
from directory.clock.today import shanghai_today
from directory.resources.decide import move
from directory.resources.edit import assess
from directory.resources.register import register
from directory.roles import Role
from metadata.access import AccessRequest, Countersignature, Countersigned, Grant
from metadata.resource import Category, Format, Item, LegalBasis, Mount, MountColumn, Party, Resource, Sharing
from metadata.signed import Signed
from standards.crypto import SigningKey
from tests.sim.receipts import told

ITEMS = (
    Item(name="公民身份号码", field="sfzhm", length=18, is_key=True, is_nullable=False, sensitivity=3),
    Item(name="姓名", field="xm", length=50, sensitivity=2),
    Item(name="行政区划代码", field="xzqhdm", length=6),
    Item(name="登记日期", field="djrq", type_code="D"),
)
REASONS = ("涉及正在侦查的案件",)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Town:
    """Everybody who plays a part. Names of departments: ``provider``, ``requester``, ``office``, ``outsider``."""

    city: Any
    orgs: dict[str, str]
    people: dict[str, Any]
    nodes: dict[str, Any]

    def publish(self, title: str, sharing: Sharing, **changes: Any) -> str:
        """A published entry of the provider's, written, assessed and approved by four people; its id."""
        ref = self.register(title, sharing, **changes)
        for who, to in (
            ("head", "head_approved"),
            ("editor", "submitted"),
            ("reviewer", "reviewed"),
            ("approver", "published"),
        ):
            self.move(who, ref, to)
        return ref

    def move(self, who: str, ref: str, to: str) -> None:
        """Take an entry one step on."""
        with self.city.app.state.sessions.begin() as session:
            move(session, self.people[who].actor, ref, to, "", _now())

    def register(self, title: str, sharing: Sharing, **changes: Any) -> str:
        """A complete, assessed draft of the provider's; its id."""
        city, code = self.city, self.orgs["provider"]
        classes = city.app.state.settings.classes
        values = {
            "title": title,
            "abstract": f"{title}，用于测试。",
            "provider": Party(name="示例市公安局", code=code),
            "keywords": ("户籍",),
            "categories": (Category(name="公安"),),
            "formats": (Format(category="数据库", types=("postgresql",)),),
            "items": ITEMS,
            "sharing": sharing,
            "data_grade": "3级",
            "update_cycle": "daily",
            "mounts": (mount_of("ren_kou"),),
        }
        editor = self.people["editor"].actor
        with city.app.state.sessions.begin() as session:
            saved = register(session, editor, Resource.model_validate(values | changes), classes, _now())
            ref = str(saved.entry.id)
            for kind in ("secrecy", "personal_information"):
                assess(
                    session,
                    editor,
                    ref,
                    kind=kind,
                    conclusion="风险可控",
                    assessed_on=date(2026, 1, 5),
                    is_passed=True,
                    now=_now(),
                )
        return ref

    def asks(self, resource: str, /, **changes: Any) -> dict[str, Any]:
        """The body of a request for this entry."""
        return {
            "resource": resource,
            "items": [item.field for item in ITEMS],
            "basis": "《社会保险法》第七十四条",
            "scenario": "养老保险待遇资格核验",
            "scope": "本部门待遇核发系统，不向第三方提供",
            "valid_until": (shanghai_today() + timedelta(days=365)).isoformat(),
            "statement": True,
        } | changes

    def create(self, resource: str, /, **changes: Any) -> dict[str, Any]:
        """A draft request by the clerk."""
        answer = self.people["clerk"].client.post("/api/v1/requests", json=self.asks(resource, **changes))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def act(self, who: str, request_id: str, to: str, **words: Any) -> Any:
        """One transition, by this person."""
        body = {"to": to, **words}
        return self.people[who].client.post(f"/api/v1/requests/{request_id}/transitions", json=body)

    def attach(self, request_id: str, data: bytes = b"%PDF-1.7") -> None:
        """A paper of the clerk's."""
        files = {"file": ("授权书.pdf", data, "application/pdf")}
        answer = self.people["clerk"].client.post(f"/api/v1/requests/{request_id}/files", files=files)
        assert answer.status_code == 201, answer.text

    def bring_to(self, resource: str, *acts: tuple[str, str], **changes: Any) -> str:
        """A request taken through these acts; its id."""
        request_id = str(self.create(resource, **changes)["id"])
        for who, to in acts:
            answer = self.act(who, request_id, to)
            assert answer.status_code == 200, answer.text
        return request_id

    def endorsed_on(self, at: datetime, resource: str, /, **changes: Any) -> str:
        """A request drafted and approved by its own department at this instant; its id."""
        asked = AccessRequest.model_validate(self.asks(resource, **changes))
        with self.city.app.state.sessions.begin() as session:
            row = create(session, self.people["clerk"].actor, asked, at)
            self.decide(session, "own_lead", row.id, Act.REQ_APPROVED, at)
            return str(row.id)

    def decide(self, session: Any, who: str, request_id: UUID, act: Act, at: datetime, **said: Any) -> None:
        """One step by this person at this instant, in the session's transaction."""
        key, words = self.city.app.state.directory_key, Said.model_validate(said)
        decide(session, self.people[who].actor, key, request_id, act, at, words, suite_2=frozenset())

    def agreed(self, resource: str, **changes: Any) -> dict[str, Any]:
        """A request for an entry without the office's say, agreed to; as the clerk sees it."""
        request_id = self.bring_to(resource, *TO_AGREED, **changes)
        return dict(self.people["clerk"].client.get(f"/api/v1/requests/{request_id}").json())

    def grant(self, grant_id: str) -> dict[str, Any]:
        answer = self.people["lead"].client.get(f"/api/v1/grants/{grant_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def countersign(
        self, grant_id: str, node: str = "provider", key: SigningKey | None = None, /, **changes: Any
    ) -> Any:
        """The countersignature of a grant as this node would send it."""
        values = {
            "grant_id": grant_id,
            "grant_digest": self.grant(grant_id)["digest"],
            "node_id": self.nodes[node].name,
            "confirmed_at": _now(),
        }
        said = Countersignature.model_validate(values | changes)
        signed = Signed.sign("countersignature/1", said, key or self.nodes[node].identity)
        told = Countersigned(countersignature=signed, confirmed_by=self.people["lead"].actor.username)
        path = f"/api/v1/grants/{grant_id}/countersignature"
        return self.nodes[node].call("POST", path, told.model_dump(mode="json"))


TO_ENDORSED = (("own_lead", "req_approved"),)
TO_SUBMITTED = (*TO_ENDORSED, ("clerk", "submitted"))
TO_ACCEPTED = (*TO_SUBMITTED, ("reviewer", "accepted"))
TO_AGREED = (*TO_ACCEPTED, ("lead", "agreed"))


def second_approver(town: Town) -> str:
    """Another head of the office, for what its first one may not answer again; their name in the town."""
    if "second_approver" not in town.people:
        town.people["second_approver"] = town.city.person(town.orgs["office"], Role.OFFICE_APPROVER)
    return "second_approver"


def mount_of(table: str, *fields: str, node: str = "gongan") -> Mount:
    """A mount of these items, of all without any."""
    columns = tuple(
        MountColumn(field=item.field, column=item.field, sql_type="character varying(50)")
        for item in ITEMS
        if not fields or item.field in fields
    )
    return Mount(mount_id=f"m-{table}", node=node, table=table, columns=columns)


def conditional_sharing(**changes: Any) -> Sharing:
    """Conditional sharing by batch."""
    values = {
        "share_type": "conditional",
        "conditions": "履行法定职责",
        "scope": "市级部门",
        "purposes": ("待遇核验",),
        "method_types": ("batch",),
        "legal_basis": (LegalBasis(title="政务数据共享条例", article="第十五条"),),
        "refusal_reasons": REASONS,
    }
    return Sharing.model_validate(values | changes)


REASON = "涉及正在侦查的案件"
TODAY = day_of(datetime.now(UTC))
CERTIFICATE = {
    "way": "销毁",
    "carried_out_on": TODAY.isoformat(),
    "carried_out_by": "李四",
    "witnessed_by": "王五",
    "covers": "共享库的表和两份备份",
}


def shown(town: Town, request_id: str, who: str = "clerk") -> dict[str, Any]:
    return dict(town.people[who].client.get(f"/api/v1/requests/{request_id}").json())


def granted(town: Town, grant_id: str) -> Grant:
    return Grant.from_bytes(Signed.model_validate(town.grant(grant_id)["grant"]).payload_bytes())


def waits(town: Town, who: str, request_id: str) -> bool:
    items = town.people[who].client.get("/api/v1/worklist").json()["items"]
    return request_id in [each["id"] for each in items]


def refused(answer: Any, status: int, code: str) -> bool:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return True


@pytest.fixture(scope="module")
def town(city: Any, administrator: Any, new_node: Callable[..., Any]) -> Town:
    orgs = {
        "office": administrator.actor.org_code,
        "provider": city.organisation("示例市公安局"),
        "requester": city.organisation("示例市人力资源和社会保障局"),
        "outsider": city.organisation("示例市税务局"),
    }
    roles = {
        "editor": ("provider", Role.EDITOR),
        "head": ("provider", Role.DEPARTMENT_HEAD),
        "lead": ("provider", Role.SHARING_LEAD),
        "clerk": ("requester", Role.REQUESTER),
        "second_clerk": ("requester", Role.REQUESTER),
        "own_lead": ("requester", Role.SHARING_LEAD),
        "reviewer": ("office", Role.OFFICE_REVIEWER),
        "approver": ("office", Role.OFFICE_APPROVER),
        "outside_clerk": ("outsider", Role.REQUESTER),
        "outside_lead": ("outsider", Role.SHARING_LEAD),
        "operator": ("provider", Role.OPERATOR),
        "auditor": ("office", Role.AUDITOR),
    }
    people = {name: city.person(orgs[org], role) for name, (org, role) in roles.items()}
    nodes = {
        name: new_node(node_id, orgs[org], kind)
        for name, org, node_id, kind in (
            ("provider", "provider", "gongan", "node"),
            ("requester", "requester", "renshe", "node"),
            ("outsider", "outsider", "shuiwu", "node"),
            ("relay", "office", "relay", "relay"),
        )
    }
    return Town(city, orgs, people, nodes)


@pytest.fixture(scope="module")
def resource(town: Town) -> str:
    """A conditional entry the provider decides on alone."""
    return town.publish("户籍人口基本信息", conditional_sharing())


@pytest.fixture(scope="module")
def office_resource(town: Town) -> str:
    """A conditional entry on which the office decides too."""
    return town.publish("人口库基础信息", conditional_sharing(needs_office_approval=True))


@pytest.fixture(scope="module")
def feed_of(town: Town) -> Callable[[], list[Any]]:
    """The entries of the feed as a node reads them."""

    def read() -> list[Any]:
        return list(town.nodes["outsider"].call("GET", "/api/v1/feed?after=0").json()["entries"])

    return read


@pytest.fixture(scope="module")
def receipt(town: Town) -> Callable[..., dict[str, Any]]:
    """A signed receipt on a route, by a node of the town, as it stands in a call's body."""

    def make(route_id: str, by: str = "requester", key: SigningKey | None = None, **changes: Any) -> dict[str, Any]:
        node = town.nodes[by]
        values = {
            "kind": "applied",
            "route_id": route_id,
            "seq": 1,
            "batch_digest": "a" * 64,
            "by_node_id": node.name,
            "at": _now(),
            "rows": 3,
        }
        return told(key or node.identity, **values | changes).model_dump(mode="json")

    return make


@pytest.fixture(scope="module")
def first_rows(town: Town, receipt: Callable[..., dict[str, Any]]) -> Callable[[str], None]:
    """The consumer's node says that it applied a batch of this grant's route."""
    numbers = count(1)

    def arrive(grant_id: str) -> None:
        said = receipt(town.grant(grant_id)["route_id"], seq=1000 + next(numbers))
        answer = town.nodes["requester"].call("POST", "/api/v1/nodes/renshe/receipts", [said])
        assert answer.json() == {"accepted": 1}, answer.text

    return arrive


@pytest.fixture(scope="module")
def mount() -> Callable[..., Mount]:
    return mount_of


@pytest.fixture(scope="module")
def conditional() -> Callable[..., Sharing]:
    return conditional_sharing


@pytest.fixture(scope="module")
def in_use(town: Town, first_rows: Callable[[str], None]) -> Callable[..., str]:
    """A request whose rows have arrived; its id."""

    def bring(resource: str, **changes: Any) -> str:
        shown = town.agreed(resource, **changes)
        assert town.countersign(shown["grant_id"]).status_code == 200
        first_rows(shown["grant_id"])
        return str(shown["id"])

    return bring
