"""The town of the requests' tests, a department nobody has asked anything of yet, and files as a browser sends them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from directory.roles import Role
from tests.directory.access.conftest import TODAY, Town, first_rows, in_use, receipt, resource, town
from tests.directory.web.conftest import read

__all__ = ["first_rows", "in_use", "read", "receipt", "resource", "town"]

SOON = (TODAY + timedelta(days=60)).isoformat()


@pytest.fixture(scope="module")
def people(town: Town, city: Any) -> dict[str, Any]:
    """The town's people, and the editor and lead of a department of housing."""
    code = city.organisation("示例市住房和城乡建设局")
    town.orgs["housing"] = code
    town.people["housing_editor"] = city.person(code, Role.EDITOR)
    town.people["housing_lead"] = city.person(code, Role.SHARING_LEAD)
    return town.people


@pytest.fixture(scope="module")
def raised(people: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """A demand of the requester's for two items, one of which the provider has."""

    def make(**changes: Any) -> dict[str, Any]:
        body = {
            "title": "养老待遇资格核验",
            "service": "养老保险待遇发放",
            "purpose": "核验领取人是否在世",
            "law_title": "《社会保险法》",
            "law_article": "第七十四条",
            "needed_by": SOON,
            "items": [{"name": "身份证号"}, {"name": "房屋套数", "description": "本市登记的住房"}],
        }
        answer = people["clerk"].client.post("/api/v1/demands", json=body | changes)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    return make
