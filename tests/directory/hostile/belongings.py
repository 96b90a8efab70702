"""One of each thing that belongs to somebody, by the parameter that names it: what another department may not know of.

The parameter alone says which, or with the first part of the address where it means several: ``corrections:file_id``.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from directory.clock.today import shanghai_today
from directory.reform.work import turn
from directory.roles import Role
from metadata.access import Countersignature, Countersigned
from metadata.exchange import BatchStatus
from metadata.signed import Signed
from tests.directory.hostile.conftest import Scene
from tests.sim.receipts import told as receipt

_DAY = shanghai_today()
_SOON, _LATER = ((_DAY + timedelta(days=days)).isoformat() for days in (10, 60))
_APPLIED = {"at": datetime.now(UTC), "seq": 1, "batch_digest": "a" * 64, "rows": 3}
_PDF = {"file": ("说明.pdf", b"%PDF-1.4\n", "application/pdf")}


def kept_to_oneself(scene: Scene, colleague: Any) -> dict[str, str]:
    """What nobody else sees before it is handed in, published or decided on."""
    editor, requester = scene.people["editor"], scene.people["requester"]
    org = editor.get("/api/v1/me").json()["org_code"]
    demand = {"title": "需要的数据", "service": "待遇核发", "purpose": "核验", "law_title": "社会保险法"}
    absence = {"delegate": colleague.actor.username, "starts_on": _LATER, "ends_on": _LATER, "reason": "出差"}
    prohibited = {"title": "企业名称", "covers": "share", "law_title": "数据安全法", "law_article": "第二十一条"}
    owed = {"org_code": org, "name": "企业信息", "basis": "《条例》第十条", "due_on": _LATER}
    entrusted = {"contractor": "某公司", "work": "运维", "covers": "业务系统", "basis": "合同", "since": _SOON}
    found = {
        "demand_id": _new(requester, "demands", **demand, needed_by=_LATER, items=[{"name": "姓名"}]),
        "check_id": _new(requester, "collection-checks", title="登记表", fields=[{"name": "姓名"}]),
        "situation_id": _new(scene.people["office"], "situations", code="P1", org_code=org, words="目录没有更新"),
        "entrustment_id": _new(editor, "entrustments", **entrusted, until=_LATER),
        "token_id": _new(editor, "tokens", name="程序")["made"],
        "delegation_id": _new(editor, "delegations", role="sharing_lead", **absence),
        "negative_id": _new(
            editor, "negative-list", **prohibited, since=_DAY.isoformat(), until=_LATER, resource=scene.known["ref"][0]
        ),
        "responsibility_id": _new(scene.people["office"], "responsibilities", **owed),
    }
    return {name: str(each["id"]) for name, each in found.items()} | _papers(scene)


def in_use(scene: Scene, new_node: Callable[..., Any], city: Any) -> dict[str, str]:
    """What comes with a grant: consent, the grant itself, a batch of its route, what is announced, what was told."""
    editor, requester, office = (scene.people[name] for name in ("editor", "requester", "office"))
    published = scene.known["ref"][1]
    me = requester.get("/api/v1/me").json()
    asks = new_node("n_asks", me["org_code"])
    new_node("n_relay", office.get("/api/v1/me").json()["org_code"], "relay")
    consent = _new(editor, "consents", resource=published, words="一律同意")
    asked = _new(
        requester, "requests", resource=published, items=["name"], basis="《社会保险法》第七十四条",
        scenario="待遇资格核验", scope="本部门", valid_until=_LATER, statement=True,
    )  # fmt: skip
    lead = city.person(me["org_code"], Role.SHARING_LEAD).client
    for who, to in ((lead, "req_approved"), (requester, "submitted"), (office, "accepted")):
        answer = who.post(f"/api/v1/requests/{asked['id']}/transitions", json={"to": to})
        assert answer.status_code == 200, answer.text
    grant = editor.get(f"/api/v1/grants/{answer.json()['grant_id']}").json()
    _confirmed(scene.node, grant)
    batch = BatchStatus(
        route_id=grant["route_id"], seq=1, grant_id=grant["grant_id"], state="sealed", node_id=scene.node.name,
        at=datetime.now(UTC),
    )  # fmt: skip
    told = scene.node.call("POST", f"/api/v1/nodes/{scene.node.name}/status", [batch.model_dump(mode="json")])
    assert told.json() == {"accepted": 1}, told.text
    applied = receipt(asks.identity, kind="applied", route_id=grant["route_id"], by_node_id=asks.name, **_APPLIED)
    told = asks.call("POST", f"/api/v1/nodes/{asks.name}/receipts", [applied.model_dump(mode="json")])
    assert told.json() == {"accepted": 1}, told.text
    notice = {"kind": "change", "words": "升级", "answer_by": _SOON, "takes_effect_on": _LATER}
    service = _new(editor, "services", resource=published, **notice)
    offers = _new(editor, "offers", resource=published, field="name", template="equals")
    rated = requester.put(f"/api/v1/ratings/{asked['id']}", json={"quality": 4, "timeliness": 4, "usefulness": 4})
    assert rated.status_code == 200, rated.text
    version = _said_better(scene, published, city)
    return {
        "notes:request_id": str(asked["id"]),
        "services:request_id": str(asked["id"]),
        "item-changes:request_id": str(asked["id"]),
        "item-changes:version": str(version),
        "uses:request_id": str(asked["id"]),
        "consent_id": str(consent["id"]),
        "grant_id": grant["grant_id"],
        "route_id": grant["route_id"],
        "services:notice_id": str(service["id"]),
        "notices:notice_id": str(requester.get("/api/v1/notices").json()["items"][0]["id"]),
        "offer_id": str(offers["filters"][0]["id"]),
    }


def _said_better(scene: Scene, published: str, city: Any) -> int:
    """A new version that says otherwise what an item in use is: its users are told. Which version that is."""
    editor, office, address = scene.people["editor"], scene.people["office"], f"/api/v1/resources/{published}"
    org = editor.get("/api/v1/me").json()["org_code"]
    head = city.person(org, Role.DEPARTMENT_HEAD).client
    reviewer = city.person(office.get("/api/v1/me").json()["org_code"], Role.OFFICE_REVIEWER).client
    shown = editor.get(address)
    record = shown.json()["record"]
    items = [each | {"sensitivity": 2} if each["field"] == "name" else each for each in record["items"]]
    headers = {"If-Match": shown.headers["ETag"]}
    saved = editor.put(address, json=record | {"items": items}, headers=headers)
    assert saved.status_code == 200, saved.text
    for kind in ("secrecy", "personal_information"):  # made anew, since the items are others
        fields = {"kind": kind, "conclusion": "可以共享", "assessed_on": "2026-01-05"}
        assert editor.post(f"{address}/assessments", json=fields).is_success
    steps = ((head, "head_approved"), (editor, "submitted"), (reviewer, "reviewed"), (office, "published"))
    for who, to in steps:
        answer = who.post(f"{address}/transitions", json={"to": to})
        assert answer.status_code == 200, answer.text
    [change] = editor.get("/api/v1/item-changes").json()
    return int(change["version"])


def known_to_all(scene: Scene, city: Any) -> dict[str, str]:
    """What every department may read: a change of names, this year's holidays, this month's numbers."""
    act = {"kind": "rename", "organisations": [city.organisation()], "name": "示例市新设局", "basis": "第8号文件"}
    office, act = scene.people["office"], act | {"effective_on": _DAY.isoformat()}
    previewed = office.post("/api/v1/reforms/preview", json=act).json()
    reform = office.post("/api/v1/reforms/begin", json=act | {"digest": previewed["digest"]}).json()["reform_id"]
    while turn(city.app.state.sessions, city.app.state.directory_key):
        """Acts that were begun before go first."""
    assert office.get(f"/api/v1/reforms/{reform}/progress").json()["state"] == "done"
    rule = office.get("/api/v1/reminders").json()[0]["rule_id"]
    return {"reform_id": reform, "year": str(_DAY.year), "period": _DAY.isoformat()[:7], "rule_id": rule}


def _papers(scene: Scene) -> dict[str, str]:
    """A file with each, and what the numbers of an unpublished entry are."""
    editor, requester, known = scene.people["editor"], scene.people["requester"], scene.known
    parents = {"requests": "request_id", "corrections": "correction_id", "objections": "objection_id"}
    found = {}
    for place, name in (parents | {"complaints": "complaint_id"}).items():
        answer = requester.post(f"/api/v1/{place}/{known[name][0]}/files", files=_PDF)
        assert answer.status_code == 201, answer.text
        talk = answer.json()
        found[f"{place}:file_id"] = str((talk["files"][0] if "files" in talk else talk)["id"])
    draft = editor.get(f"/api/v1/resources/{known['ref'][0]}").json()["record"]
    fields = {"kind": "secrecy", "conclusion": "可以共享", "assessed_on": "2026-01-05"}
    place = f"/api/v1/resources/{known['ref'][0]}/assessments"
    answer = editor.post(f"{place}/files", data=fields, files=_PDF)
    assert answer.status_code == 201, answer.text
    found["resources:number"] = str(max(each["number"] for each in editor.get(place).json()))
    found["prefix"], found["suffix"] = draft["identifier"].split("/")
    found["front"], found["code:seq"] = draft["code"].split("/")
    return found


def _confirmed(node: Any, grant: Mapping[str, Any]) -> None:
    said = Countersignature(
        grant_id=grant["grant_id"], grant_digest=grant["digest"], node_id=node.name, confirmed_at=datetime.now(UTC)
    )
    told = Countersigned(countersignature=Signed.sign("countersignature/1", said, node.identity), confirmed_by="张三")
    answer = node.call("POST", f"/api/v1/grants/{grant['grant_id']}/countersignature", told.model_dump(mode="json"))
    assert answer.status_code == 200, answer.text


def _new(client: Any, place: str, **body: Any) -> dict[str, Any]:
    answer = client.post(f"/api/v1/{place}", json=body)
    assert answer.status_code == 201, (place, answer.text)
    found: dict[str, Any] = answer.json()
    return found
