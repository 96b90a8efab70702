"""Whoever may not take a step is told why, and what would help."""

from tests.directory.access.conftest import TO_ACCEPTED, Town, refused, shown


def test_a_token_that_is_too_narrow_is_told_what_it_lacks(town: Town, resource: str) -> None:
    """Not that somebody else has to do it, who is this very person."""
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    for scope, lacks in (
        (["request:read", "grant:confirm_change"], "request:agree"),
        (["request:read", "request:agree"], "resource:read"),
    ):
        asked = {"name": "核对", "scope": scope, "days": 1}
        token = town.people["lead"].client.post("/api/v1/tokens", json=asked).json()["token"]
        client = town.city.client()
        client.headers["Authorization"] = f"Bearer {token}"
        answer = client.post(f"/api/v1/requests/{request_id}/transitions", json={"to": "agreed"})
        assert refused(answer, 403, "TOKEN_SCOPE")
        assert lacks in answer.json()["detail"]
    assert shown(town, request_id)["state"] == "submitted"
