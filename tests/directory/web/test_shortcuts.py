"""The desk leads each role to its own few pages in one click, and to none that refuses it."""

from typing import Any

import pytest

from directory.roles import Role

OWN = {
    Role.EDITOR: ("/imports", "/duties", "/lists/responsibilities"),
    Role.DEPARTMENT_HEAD: ("/delegations",),
    Role.SHARING_LEAD: ("/consents", "/services", "/objections", "/lists/responsibilities"),
    Role.REQUESTER: ("/cart", "/backflow", "/uses", "/corrections", "/lists/demands"),
    Role.OFFICE_REVIEWER: ("/deciders", "/reforms", "/complaints"),
    Role.OFFICE_APPROVER: ("/deciders", "/reforms", "/complaints"),
    Role.SYSTEM_ADMIN: ("/people", "/organisations", "/exchange/nodes"),
    Role.SECURITY_ADMIN: ("/people",),
    Role.AUDITOR: ("/people",),
    Role.OPERATOR: ("/exchange/nodes", "/exchange/orders"),
}


@pytest.fixture(scope="module")
def departments(city: Any) -> dict[bool, str]:
    return {True: city.organisation(is_office=True), False: city.organisation()}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_reaches_its_own_pages_from_its_desk(
    city: Any, departments: dict[bool, str], read: Any, role: Role
) -> None:
    in_office = role.value.startswith("office") or role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR)
    browser = city.browser(city.person(departments[in_office], role).actor.username)
    text = browser.get("/").text
    links = read(text[text.index('id="shortcuts"') :].partition("</section>")[0]).links()
    assert set(OWN[role]) <= set(links)
    assert {href: browser.get(href).status_code for href in links} == dict.fromkeys(links, 200)
