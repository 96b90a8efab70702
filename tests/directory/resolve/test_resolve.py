"""Lasting addresses: the form that is asked for, what a withdrawn entry leaves, what was never given out."""

from typing import Any

import pytest

from directory.roles import Role
from metadata.formats import core_metadata_xml
from metadata.formats.rdf import dcat
from metadata.resource import Resource

RDF = {media_type: form for form, media_type in dcat.MEDIA_TYPES.items()}


@pytest.fixture
def clerk(city: Any) -> Any:
    return city.person(city.organisation(), Role.REQUESTER)


@pytest.fixture
def made(department: Any, publish: Any) -> Any:
    entry = department.register(title="企业名录")
    publish(department, entry["id"])
    return entry


def get(person: Any, address: str, accept: str) -> Any:
    return person.client.get(address, headers={"Accept": accept})


@pytest.mark.parametrize("media_type", ["application/json", "application/xml", "text/xml", *RDF])
def test_the_record_comes_in_the_form_asked_for(media_type: str, made: Any, clerk: Any) -> None:
    for address in (f"/id/{made['identifier']}", f"/code/{made['code']}"):
        answer = get(clerk, address, f"{media_type};q=0.9, text/html;q=0.5")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(media_type)
        if media_type in RDF:
            (record,) = dcat.read(answer.content, RDF[media_type])
        elif media_type == "application/json":
            record = Resource.from_bytes(answer.content)
        else:
            record = core_metadata_xml.read(answer.content)
        assert (record.title, record.identifier, record.code) == ("企业名录", made["identifier"], made["code"])
        assert answer.headers["vary"] == "Accept"
        assert f'<http://testserver/id/{made["identifier"]}>; rel="canonical"' in answer.headers["link"]
        assert 'rel="alternate"; type="text/turtle"' in answer.headers["link"]


def test_a_browser_gets_the_page_and_nothing_else_is_guessed(made: Any, clerk: Any) -> None:
    address = f"/id/{made['identifier']}"
    page = get(clerk, address, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
    assert (page.status_code, page.headers["location"]) == (303, f"/resources/{made['identifier'].replace('/', '~')}")
    assert get(clerk, address, "*/*").headers["content-type"] == "application/json"
    refused = get(clerk, address, "image/png, text/plain")
    assert (refused.status_code, refused.json()["code"]) == (406, "NOT_ACCEPTABLE")
    assert "text/turtle" in refused.json()["detail"]


def test_a_withdrawn_entry_leaves_its_tombstone_and_nothing_else(
    made: Any, clerk: Any, office: Any, move: Any, city: Any, department: Any
) -> None:
    move(office.approver, made["id"], "withdrawn", "职能调整，并入企业基本信息")
    for person in (clerk, department.editor):
        for address in (f"/id/{made['identifier']}", f"/code/{made['code']}"):
            answer = get(person, address, "text/turtle, application/json;q=0.5")
            assert (answer.status_code, answer.json()["code"]) == (410, "RESOURCE_WITHDRAWN")
            facts = answer.json()["tombstone"]
            assert set(facts) == {"title", "identifier", "code", "provider", "withdrawn_on", "reason"}
            assert (facts["title"], facts["reason"]) == ("企业名录", "职能调整，并入企业基本信息")
            assert facts["provider"] == department.editor.actor.org_name
    page = city.browser(clerk.actor.username).get(f"/id/{made['identifier']}")
    assert page.status_code == 410
    assert "职能调整，并入企业基本信息" in page.text
    assert "在本市登记的企业" not in page.text  # the abstract
    assert "uscc" not in page.text


def test_what_was_never_given_out_or_published_is_not_found(department: Any, clerk: Any) -> None:
    draft = department.register(title="还是草稿")
    for address in ("/id/99999/00000000001", "/code/999/1", f"/id/{draft['identifier']}"):
        answer = get(clerk, address, "application/json")
        assert (answer.status_code, answer.json()["code"]) == (404, "RESOURCE_NOT_FOUND")
    assert get(department.editor, f"/id/{draft['identifier']}", "*/*").json()["title"] == "还是草稿"


def test_a_suspended_entry_is_neither_gone_nor_shown(made: Any, clerk: Any, office: Any, move: Any) -> None:
    move(office.approver, made["id"], "suspended", "检修")
    answer = get(clerk, f"/id/{made['identifier']}", "text/turtle")
    assert (answer.status_code, answer.json()["code"]) == (409, "RESOURCE_SUSPENDED")
