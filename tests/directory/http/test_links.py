"""What the OpenAPI document says leads on to what: every link names an operation and values that exist."""

import re
from typing import Any

from fastapi import FastAPI

from directory.http.links import ASKED_ABOUT, NAMED

NOT_LINKED = {  # no answer names these: what they are about is a year, a period, a code known beforehand
    "code", "field", "form", "front", "library", "period", "prefix", "rule_id", "seq", "suffix", "year",
}  # fmt: skip
LEAST = 125


def test_every_link_names_an_operation_and_values_that_exist(directory_app: FastAPI) -> None:
    document = directory_app.openapi()
    operations: dict[str, tuple[str, Any]] = {}
    for path, methods in document["paths"].items():
        operations |= {each["operationId"]: (path, each) for each in methods.values()}
    followed, used = set(), set()
    for path, operation in operations.values():
        for answer in operation["responses"].values():
            for name, said in answer.get("links", {}).items():
                assert re.fullmatch(r"[A-Za-z0-9._-]+", name)
                link = document["components"]["links"][said["$ref"].rsplit("/", 1)[1]]
                to, target = operations[link["operationId"]]
                values = link.get("parameters", {}) | link.get("requestBody", {})
                assert set(re.findall(r"\{(\w+)", to)) == link.get("parameters", {}).keys(), (name, link)
                for value in values.values():
                    _exists(document, path, answer, value)
                if "requestBody" in link:
                    body = target["requestBody"]["content"]["application/json"]["schema"]
                    assert link["requestBody"].keys() <= _resolved(document, body)["properties"].keys(), link
                followed.add(link["operationId"])
                used.add(said["$ref"])
    assert used == {f"#/components/links/{name}" for name in document["components"]["links"]}
    assert len(followed) >= LEAST
    for name, (path, _) in operations.items():
        parameters = set(re.findall(r"\{(\w+)", path))
        assert not parameters or parameters & NOT_LINKED or name in followed, f"no answer leads to {path}"


def test_nothing_in_the_table_is_forgotten(directory_app: FastAPI) -> None:
    document = directory_app.openapi()
    assert NAMED.keys() <= document["components"]["schemas"].keys()
    assert {f"/api/v1{path}" for path in ASKED_ABOUT} <= document["paths"].keys()
    assert directory_app.openapi() is document


def _exists(document: Any, path: str, answer: Any, value: str) -> None:
    """The value of a runtime expression is declared: in the asking's path, or place by place in the answer."""
    if value.startswith("$request.path."):
        assert f"{{{value.removeprefix('$request.path.')}}}" in path, (path, value)
        return
    schema = answer["content"]["application/json"]["schema"]
    for step in value.removeprefix("$response.body#/").split("/"):
        schema = _resolved(document, schema)
        schema = schema["items"] if step.isdigit() else schema["properties"][step]


def _resolved(document: Any, schema: Any) -> Any:
    return document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
