"""The catalogue as DCAT: the public sees open entries only, those signed in every published one, nobody a draft."""

from typing import Any

import pytest

from directory.policy import visible_resources
from directory.resolve import catalog
from directory.roles import Role
from metadata.formats.rdf import dcat


def titles(client: Any, form: str = "ttl", **asked: Any) -> list[str]:
    answer = client.get(f"/dcat/catalog.{form}", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(dcat.MEDIA_TYPES[form])
    return [each.title for each in dcat.read(answer.content, form)]


@pytest.mark.parametrize("form", dcat.MEDIA_TYPES)
def test_who_sees_which_entries(form: str, city: Any, department: Any, publish: Any) -> None:
    for title, openness in (("公开", {"is_open": True, "conditions": "无"}), ("内部", {"is_open": False})):
        publish(department, department.register(title=f"{title}的目录{form}", openness=openness)["id"])
    department.register(title=f"草稿{form}", openness={"is_open": True})
    seen = titles(city.client(), form)
    assert f"公开的目录{form}" in seen
    assert not [title for title in seen if title.startswith(("内部", "草稿"))]
    inside = titles(city.person(city.organisation(), Role.REQUESTER).client, form)
    assert {f"公开的目录{form}", f"内部的目录{form}"} <= set(inside)
    assert not [title for title in inside if title.startswith("草稿")]


def test_a_withdrawn_entry_is_in_no_catalogue(city: Any, department: Any, office: Any, publish: Any, move: Any) -> None:
    ref = department.register(title="撤销的公开目录", openness={"is_open": True})["id"]
    publish(department, ref)
    move(office.approver, ref, "withdrawn", "已并入")
    assert "撤销的公开目录" not in titles(city.client())


def test_long_catalogues_come_in_pages(
    city: Any, department: Any, publish: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        publish(department, department.register(title=f"分页{number}", openness={"is_open": True})["id"])
    whole = titles(city.client())
    monkeypatch.setattr(catalog, "LIMITS", type("Few", (), {"graph_count": 2}))
    found, page = [], 1
    while True:
        answer = city.client().get("/dcat/catalog.ttl", params={"page": page})
        found += [each.title for each in dcat.read(answer.content, "ttl")]
        if 'rel="next"' not in answer.headers.get("link", ""):
            break
        page += 1
    assert (sorted(found), page) == (sorted(whole), (len(whole) + 1) // 2)


def test_the_public_is_nobody_in_particular() -> None:
    seen = visible_resources(None)
    assert (seen.is_only_open, seen.is_everything, seen.org_code) == (True, False, "")
