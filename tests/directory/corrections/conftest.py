"""The town of the requests, and corrections raised in it."""

from typing import Any

import pytest

from tests.directory.access.conftest import Town, first_rows, in_use, receipt, resource, town

__all__ = ["first_rows", "in_use", "receipt", "resource", "town"]


def raised(town: Town, resource: str, who: str = "clerk", **changes: Any) -> dict[str, Any]:
    """A correction raised by the API."""
    body = {"resource": resource, "items": ["xm"], "words": "姓名与户口本不一致"} | changes
    answer = town.people[who].client.post("/api/v1/corrections", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def step(town: Town, who: str, correction_id: str, to: str, **said: Any) -> Any:
    """A step of a correction, by this person."""
    body = {"to": to, **said}
    return town.people[who].client.post(f"/api/v1/corrections/{correction_id}/transitions", json=body)


def shown(town: Town, who: str, correction_id: str) -> dict[str, Any]:
    """What this person sees of a correction."""
    return dict(town.people[who].client.get(f"/api/v1/corrections/{correction_id}").json())


@pytest.fixture(scope="module")
def using(town: Town, resource: str, in_use: Any) -> str:
    """The requester uses the entry: its request."""
    return str(in_use(resource))
