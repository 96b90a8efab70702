"""Second half of the main job: a wish becomes a request, decisions, a grant, and a countersignature."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from directory.roles import Role
from exchange.keys.countersign import countersign
from exchange.node import Node
from exchange.peers.sync import sync
from hutong.demo.catalogue import Wish
from hutong.demo.catalogue_story import Published
from hutong.demo.city import OFFICE
from hutong.demo.directory_client import DirectoryClient
from hutong.demo.people import People
from hutong.errors import HutongError


@dataclass(frozen=True)
class Granted:
    """A wish with the request and the grant that came of it. Dates are the regulation's due days."""

    wish: Wish
    published: Published
    request_id: str
    grant_id: str
    reply_due_on: date
    provide_by_on: date


def obtain(people: People, wish: Wish, published: Published, valid_until: date, provider_node: Node) -> Granted:
    """Bring one wish to a countersigned grant from wherever an earlier run left it."""
    requester = people.client(wish.requester, Role.REQUESTER)
    request = _asked(requester, published.resource_id)
    if request is None:
        request = requester.post(
            "/api/v1/requests", wish.request(published.resource_id, valid_until).model_dump(mode="json")
        )
    path = f"/api/v1/requests/{request['id']}"
    while (request := requester.get(path))["state"] not in ("agreed", "provisioned", "active"):
        _decide(people, wish, path, request)
    if request["state"] == "agreed":
        _countersign(people, wish, request["grant_id"], provider_node)
    grant = requester.get(f"/api/v1/grants/{request['grant_id']}")
    return Granted(
        wish,
        published,
        request["id"],
        request["grant_id"],
        date.fromisoformat(request["reply_due_on"]),
        date.fromisoformat(grant["provide_by_on"]),
    )


def begin(people: People, wish: Wish, resource_id: str, valid_until: date, steps: int) -> None:
    """Draft the wish's request and take the first so many steps; nothing if the department has asked for it before."""
    requester = people.client(wish.requester, Role.REQUESTER)
    if _asked(requester, resource_id) is not None:
        return
    request = requester.post("/api/v1/requests", wish.request(resource_id, valid_until).model_dump(mode="json"))
    for _ in range(steps):
        request = _decide(people, wish, f"/api/v1/requests/{request['id']}", request)


def _asked(requester: DirectoryClient, resource_id: str) -> Any:
    """What the department has asked of an entry already, if it has."""
    return next(
        (
            found
            for found in requester.get("/api/v1/requests")["items"]
            if found["resource_id"] == resource_id and found["requester_org"] == requester.org_code
        ),
        None,
    )


def _decide(people: People, wish: Wish, path: str, request: dict[str, str]) -> Any:
    """One decision, by the account whose turn it is; the request as it then stands."""
    provider = wish.entry.provider
    turn = (request["state"], request["stage"])
    steps = {
        ("draft", ""): (wish.requester, Role.SHARING_LEAD, "req_approved", "用途明确，同意申请。"),
        ("req_approved", ""): (wish.requester, Role.REQUESTER, "submitted", ""),
        ("submitted", "acceptance"): (OFFICE, Role.OFFICE_REVIEWER, "accepted", "材料齐全，予以受理。"),
        ("submitted", "provider"): (provider, Role.SHARING_LEAD, "agreed", "数据项与用途相符，同意提供。"),
        ("submitted", "office"): (OFFICE, Role.OFFICE_APPROVER, "agreed", "符合目录所列共享条件，同意。"),
    }
    if turn not in steps:
        raise HutongError("DEMO_STUCK", subject=wish.entry.title, state="/".join(turn))
    department, role, to, comment = steps[turn]
    return people.client(department, role).post(f"{path}/transitions", {"to": to, "comment": comment})


def _countersign(people: People, wish: Wish, grant_id: str, node: Node) -> None:
    """The provider's 负责人 reads the grant's digest in the directory and confirms it at the department's node."""
    lead = people.client(wish.entry.provider, Role.SHARING_LEAD)
    shown = lead.get(f"/api/v1/grants/{grant_id}")["digest"]
    sync(node)
    countersign(node, grant_id, shown, wish.entry.provider.username(Role.SHARING_LEAD))
