"""What is sent is read as the document says: every parameter of the registry, refused by its name."""

from typing import Any

from fastapi import FastAPI

from directory.roles import Role
from directory.search.asking import SearchQuery

PATH = "/api/v1/resources"


def test_the_document_lists_every_parameter(directory_app: FastAPI) -> None:
    listed = directory_app.openapi()["paths"][PATH]["get"]["parameters"]
    assert [each["name"] for each in listed] == list(SearchQuery.model_fields)
    assert {each["in"] for each in listed} == {"query"}


def test_a_filter_may_be_given_twice_and_of_what_is_asked_once_the_last_counts(shelf: Any, city: Any) -> None:
    person = city.person(city.organisation(is_office=True), Role.OFFICE_REVIEWER)
    for formats in (("csv",), ("xml",), ("json",)):
        shelf.add("重复参数", formats=({"category": "电子表格", "types": formats},))
    sent = [("q", "没有的"), ("q", "重复参数"), ("format", "csv"), ("format", "xml"), ("format", "")]
    assert person.client.get(PATH, params=sent).json()["total"] == 2


def test_what_cannot_be_read_is_refused_by_its_name_after_who_asks(city: Any) -> None:
    person = city.person(city.organisation(), Role.EDITOR)
    for name, value in (
        ("nonsense", "1"),
        ("size", "many"),
        ("size", "0"),
        ("bbox", "1,2"),
        ("region", "4"),
        ("q", "长" * 201),
    ):
        refused = person.client.get(PATH, params={name: value})
        assert (refused.status_code, refused.json()["code"]) == (422, "INPUT_MALFORMED"), name
        assert [each["path"].split(".")[0] for each in refused.json()["findings"]] == [name]
    assert city.client().get(PATH, params={"nonsense": "1"}).status_code == 401
