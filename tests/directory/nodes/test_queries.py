"""Where departments receive, asked of several at once: the first node not revoked, with its keys as they are now."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from directory.nodes.queries import ends_named, ends_of, has_node
from metadata.keys import KeyChange
from metadata.signed import Signed
from standards.crypto import SigningKey
from tests.directory.nodes.test_keys import change, send


def test_ends_of_several_departments(new_node: Callable[..., Any], administrator: Any, session: Session) -> None:
    first, new = new_node("qfirst"), SigningKey.generate()
    later = new_node("alater", org_code=first.org_code)  # enrolled later, though its name comes before
    other, relay = new_node("qother", is_confirmed=False), new_node("qrelay", kind="relay")
    taken = Signed.sign("key_change/1", _identity(first, new), first.identity, new)
    assert send(first, taken).status_code == 201

    asked = {first.org_code, other.org_code, relay.org_code, "nobody"}
    found = ends_of(session, asked)
    assert found.keys() == asked
    shown = {code: end and (end.grant_end.node_id, end.is_confirmed) for code, end in found.items()}
    assert shown == {
        first.org_code: ("qfirst", True),
        other.org_code: ("qother", False),
        relay.org_code: None,
        "nobody": None,
    }
    end = found[first.org_code]
    assert end is not None
    assert end.grant_end.identity_key_id == new.key_id

    revoked = administrator.client.post(
        "/api/v1/nodes/qfirst/transitions", json={"to": "revoked", "comment": "设备丢失"}
    )
    assert revoked.status_code == 200, revoked.text
    session.expire_all()
    end = ends_of(session, {first.org_code})[first.org_code]
    assert end is not None
    assert end.grant_end.node_id == later.name
    assert [has_node(session, code) for code in (first.org_code, relay.org_code, "nobody")] == [True, False, False]


def test_a_node_is_an_end_of_its_own_department_only(new_node: Callable[..., Any], session: Session) -> None:
    node, other = new_node("qowner"), new_node("qstranger")
    own, strange = (node.name, node.org_code), (node.name, other.org_code)
    found = ends_named(session, {own, strange, ("qunknown", node.org_code)})
    assert {named for named, end in found.items() if end is not None} == {own}
    assert len(found) == 3


def _identity(node: Any, new: SigningKey) -> KeyChange:
    return change(node, public=new.verifying.public.hex())
