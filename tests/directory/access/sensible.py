"""What somebody who knows the work would send, by operation: without it a run of the API never gets past drafts."""

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any, Final

from directory.access.decide import REQUEST_ACTS
from tests.directory.access.conftest import CERTIFICATE, REASON, TODAY, Town
from tests.directory.access.test_decide import ALLOWED

_R: Final = "/api/v1/requests"
_LATER: Final = (TODAY + timedelta(days=40)).isoformat()
_SOON: Final = (TODAY + timedelta(days=10)).isoformat()
_SAID: Final[Mapping[str, Mapping[str, Any]]] = {
    "refused": {"reason": REASON},
    "extension_asked": {"days": 5},
    "supplement_asked": {"missing": ["papers"]},
    "disposal_asked": {"reason": "销毁"},
    "disposed": {"certificate": CERTIFICATE},
    "agreed": {"refused_items": []},
}


def bodies(town: Town, entries: Mapping[str, str], used: str) -> dict[str, Any]:
    """By operation: a function of chance and of where the request stands that makes a body; ``used`` is in use."""
    names = {who: person.actor.username for who, person in town.people.items()}

    def asks(chance: Random, place: object) -> dict[str, Any]:
        fields = ["sfzhm", "xm", "xzqhdm", "djrq"]
        return town.asks(entries[chance.choice(sorted(entries))], items=fields[: chance.randint(1, 4)])

    def step(chance: Random, place: tuple[str, str] | None) -> dict[str, Any]:
        everything = sorted(act.value for act in REQUEST_ACTS)
        legal = [act for act in ALLOWED.get(place or ("", ""), {}) if act in everything]
        if legal and chance.random() < 0.9:  # what ends it, mostly later: a life is short
            legal = [act for act in legal if act not in _ENDING] or ["urged"]
        act = chance.choice(
            [*legal, *[each for each in legal if each in _ONWARD] * 3]
            if legal and chance.random() < 0.9
            else everything
        )
        return {"to": act, "comment": "说明理由", **_SAID.get(act, {})}

    def grant_step(chance: Random, place: object) -> dict[str, Any]:
        return {"to": chance.choice(["suspended", "active"] * 4 + ["terminated"]), "comment": "说明理由"}

    def delegation(chance: Random, place: object) -> dict[str, Any]:
        role, to = "sharing_lead", chance.choice(["editor", "second_clerk"])
        day = TODAY.isoformat()
        return {"role": role, "delegate": names[to], "starts_on": day, "ends_on": _LATER, "reason": "出差"}

    def matter(acts: str, **choices: Any) -> Any:
        return lambda chance, place: {
            "to": chance.choice(acts.split()),
            "comment": "说明理由",
            **{name: chance.choice(values) for name, values in choices.items()},
        }

    def just(**body: Any) -> Any:
        return lambda chance, place: dict(body)

    def case(chance: Random, place: object) -> dict[str, Any]:
        asked = asks(chance, place)
        wanted = [{"resource": asked.pop("resource"), "items": asked.pop("items")}]
        return asked | {"entries": wanted}

    record = town.people["editor"].client.get(f"/api/v1/resources/{entries['free']}").json()["record"]

    def entry(chance: Random, place: object) -> dict[str, Any]:
        own = {
            "identifier": None,
            "code": None,
            "title": f"登记信息{chance.randint(1, 10**6)}",
            "mounts": [],
            "assessments": [],
        }
        return {name: value for name, value in (record | own).items() if value is not None}

    about = {"resource": entries["alone"]}
    demand = {"title": "待遇核验", "service": "待遇核发", "purpose": "核验", "law_title": "社会保险法"}
    return {
        f"POST {_R}": asks,
        f"PUT {_R}/{{request_id}}": asks,
        "POST /api/v1/cases": case,
        "POST /api/v1/resources": entry,
        "PUT /api/v1/resources/{ref}": entry,
        f"POST {_R}/{{request_id}}/transitions": step,
        f"POST {_R}/{{request_id}}/renewals": asks,
        f"POST {_R}/{{request_id}}/changes": lambda chance, place: {
            "reason": "业务调整", "request": asks(chance, place),
        },
        f"POST {_R}/{{request_id}}/comments": just(words="请补充附件"),
        f"POST {_R}/{{request_id}}/uses": just(
            occasion="period", covers_from=TODAY.isoformat(), covers_until=TODAY.isoformat(), scenario="核验",
            process="逐条比对", effect="核减三人", storage="本部门机房", items_used=["xm"],
        ),
        "POST /api/v1/grants/{grant_id}/transitions": grant_step,
        "PUT /api/v1/ratings/{request_id}": just(quality=3, timeliness=4, usefulness=5, words="好用"),
        "POST /api/v1/ratings/{request_id}/notes": lambda chance, place: {
            "act": chance.choice(["answered", "hidden", "shown"]), "words": "说明",
        },
        "POST /api/v1/consents": just(resource=entries["free"], words="一律同意"),
        "POST /api/v1/consents/{consent_id}/revocation": just(words="不再同意"),
        "POST /api/v1/delegations": delegation,
        "POST /api/v1/tokens": just(name="程序", days=30),
        "POST /api/v1/corrections": just(**about, words="姓名有误"),
        "POST /api/v1/corrections/{correction_id}/transitions": matter(
            "corrected not_wrong acknowledged withdrawn urged"
        ),
        "POST /api/v1/objections": just(**about, topic="catalogue", words="不认可"),
        "POST /api/v1/objections/{objection_id}/transitions": matter(
            "answered settled escalated withdrawn urged", outcome=["rejected", None]
        ),
        "POST /api/v1/complaints": just(topic="other", words="反映情况", about_org=town.orgs["provider"]),
        "POST /api/v1/complaints/{complaint_id}/transitions": matter(
            "accepted declined assigned reported answered withdrawn", to_org=[town.orgs["provider"], ""]
        ),
        "POST /api/v1/demands": just(**demand, needed_by=_LATER, items=[{"name": "姓名"}]),
        "PUT /api/v1/demands/{demand_id}/items/{number}/choice": just(**about, field="xm"),
        "POST /api/v1/demands/{demand_id}/withdrawal": just(reason="不再需要"),
        "POST /api/v1/collection-checks": just(title="登记表", fields=[{"name": "姓名"}]),
        "POST /api/v1/services": just(
            **about, kind="change", words="升级", answer_by=_SOON, takes_effect_on=_LATER
        ),
        "POST /api/v1/services/{notice_id}/answers": lambda chance, place: {
            "request_id": used, "is_agreed": chance.random() < 0.5, "words": "知悉",
        },
        "POST /api/v1/services/{notice_id}/withdrawal": just(words="不升级了"),
        "POST /api/v1/services/{notice_id}/replies": just(words="照办"),
        "POST /api/v1/services/{notice_id}/filing": just(words="备案"),
        "POST /api/v1/duty-changes": just(
            kind="duty", title="职责调整", changed_on=TODAY.isoformat(), refs=[entries["alone"]]
        ),
        "POST /api/v1/duty-changes/{change_id}/extension": just(days=5, reason="需要核对"),
        "POST /api/v1/duty-changes/{change_id}/extension/decision": just(is_granted=True, comment="同意"),
        "POST /api/v1/responsibilities": just(
            org_code=town.orgs["provider"], name="人口", basis="《条例》第十条", due_on=_LATER
        ),
        "POST /api/v1/responsibilities/{responsibility_id}/steps": lambda chance, place: {
            "act": chance.choice(["accepted", "refused", "upheld", "released", "withdrawn"]), "reason": "说明",
        },
        "POST /api/v1/negative-list": just(
            title="指纹", covers="share", law_title="个人信息保护法", law_article="第二十八条", items=["指纹"],
            since=TODAY.isoformat(), until=_LATER, reason="敏感",
        ),
        "POST /api/v1/negative-list/{negative_id}/decision": just(is_listed=True, words="同意"),
        "POST /api/v1/negative-list/{negative_id}/removal": just(words="不再适用"),
        "POST /api/v1/resources/{ref}/transitions": lambda chance, place: {
            "to": chance.choice(["head_approved", "draft", "submitted", "reviewed", "published", "suspended"])
        },
        "POST /api/v1/resources/{ref}/assessments": lambda chance, place: {
            "kind": chance.choice(["secrecy", "personal_information"]), "conclusion": "可以共享",
            "assessed_on": TODAY.isoformat(),
        },
        "POST /api/v1/resources/{ref}/restore": just(version=1),
    }  # fmt: skip


_ENDING: Final = frozenset({"discarded", "purpose_done", "terminated"})
_ONWARD: Final = frozenset({"req_approved", "submitted", "accepted", "agreed", "reconsidered"})
DOES: Final[Mapping[str, tuple[str, ...]]] = {
    "POST /api/v1/requests": ("clerk",),
    "POST /api/v1/cases": ("clerk",),
    "POST /api/v1/consents": ("lead",),
    "POST /api/v1/consents/{consent_id}/revocation": ("lead",),
    "POST /api/v1/services": ("lead",),
    "POST /api/v1/resources": ("editor",),
    "POST /api/v1/duty-changes": ("editor", "head"),
    "POST /api/v1/duty-changes/{change_id}/extension": ("editor", "head"),
    "POST /api/v1/duty-changes/{change_id}/extension/decision": ("approver", "reviewer"),
    "POST /api/v1/delegations": ("own_lead", "lead"),
    "POST /api/v1/corrections": ("clerk", "own_lead"),
    "POST /api/v1/objections": ("clerk", "own_lead"),
    "POST /api/v1/complaints/{complaint_id}/transitions": ("reviewer", "approver"),
    "POST /api/v1/corrections/{correction_id}/transitions": ("lead", "editor"),
    "POST /api/v1/responsibilities": ("reviewer", "approver"),
    "POST /api/v1/responsibilities/{responsibility_id}/steps": ("editor", "lead", "head"),
    "POST /api/v1/negative-list": ("editor", "lead"),
    "POST /api/v1/negative-list/{negative_id}/decision": ("approver", "reviewer"),
    "POST /api/v1/requests/{request_id}/uses": ("clerk", "own_lead"),
    "POST /api/v1/grants/{grant_id}/transitions": ("lead", "lead", "approver"),
    "POST /api/v1/services/{notice_id}/answers": ("own_lead",),
    "POST /api/v1/ratings/{request_id}/notes": ("lead", "reviewer"),
    "POST /api/v1/requests/{request_id}/renewals": ("clerk",),
    "POST /api/v1/requests/{request_id}/changes": ("clerk",),
    "PUT /api/v1/ratings/{request_id}": ("clerk",),
    "GET /api/v1/requests/{request_id}/brief": ("lead", "approver", "reviewer"),
}
"""Who mostly does it; everything else is mostly done by whose roles permit it, or who made what it is about."""
