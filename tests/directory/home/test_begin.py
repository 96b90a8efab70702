"""The desk leads each role in one click to what it may begin, and to nothing that refuses it or that the menu has."""

from typing import Any

import pytest

from directory.roles import Role
from directory.web.menu import GROUPS
from tests.directory.web.conftest import Document

BEGUN = {
    Role.EDITOR: {"/resources/new", "/lists/negatives/new", "/corrections/new"},
    Role.DEPARTMENT_HEAD: {"/delegations#role"},
    Role.SHARING_LEAD: {"/lists/demands/new", "/objections/new", "/situations/new", "/delegations#role"},
    Role.REQUESTER: {"/lists/demands/new", "/corrections/new", "/objections/new"},
    Role.OFFICE_REVIEWER: {"/lists/responsibilities/new", "/duties/new", "/organisations/new", "/complaints/paper"},
    Role.OFFICE_APPROVER: {"/deciders#enter", "/reforms/new", "/situations/new"},
    Role.SYSTEM_ADMIN: {"/people#open", "/organisations/new"},
    Role.SECURITY_ADMIN: set(),
    Role.AUDITOR: set(),
    Role.OPERATOR: {"/exchange/orders#order"},
}
_OFFICE = frozenset(role for role in Role if role.value.startswith("office")) | {
    Role.SYSTEM_ADMIN,
    Role.SECURITY_ADMIN,
    Role.AUDITOR,
}


@pytest.fixture(scope="module")
def departments(city: Any) -> dict[bool, str]:
    return {True: city.organisation(is_office=True), False: city.organisation()}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_begins_its_own_from_its_desk(city: Any, departments: dict[bool, str], role: Role) -> None:
    browser = city.browser(city.person(departments[role in _OFFICE], role).actor.username)
    text = browser.get("/").text
    links = Document(text[text.index('id="begin"') :].partition("</section>")[0]).links()
    assert BEGUN[role] | {"/complaints/new"} <= set(links)
    assert {href: browser.get(href).status_code for href in links} == dict.fromkeys(links, 200)
    assert not set(links) & {entry.address for group in GROUPS for entry in group.entries}
