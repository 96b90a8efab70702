"""Values of another type than the document says: refused with the field's name, never read as what they might mean."""

from typing import Any, Final

import pytest

from tests.directory.hostile.fields import Field, fields, fitting, put

LOOSE: Final = {"integer": ("5", 5.0, True, "", [], {}), "boolean": ("true", "on", 1, 0.0, [], {})}


@pytest.mark.parametrize("kind", LOOSE)
def test_what_only_looks_like_a_number_or_a_truth_is_refused_by_name(scene: Any, kind: str) -> None:
    """Every whole number and every yes or no of every body."""
    document = scene.app.openapi()
    places = list(fields(document))
    of_texts = {each[:3] for each in places if each.schema.get("type") == "string"}
    found = [each for each in places if _kind(each) == kind and each[:3] not in of_texts]
    assert len({each.name for each in found}) > 10
    taken = [
        (*each[:3], value, said)
        for each in found
        for value in LOOSE[kind]
        if (said := _said(scene, document, each, value)) is not None
    ]
    assert not taken


def _kind(field: Field) -> str:
    """The kind of value; numbers may be listed one by one."""
    listed = {type(each).__name__ for each in field.schema.get("enum", ())}
    return "integer" if listed == {"int"} else str(field.schema.get("type", ""))


def _said(scene: Any, document: Any, field: Field, value: object) -> str | None:
    """What was answered, unless it was a refusal that names the field."""
    body = put(fitting(document, _body(document, field), {}), field.place, value)
    answer = scene.people["editor"].request(
        field.method, scene.filled(field.path), json=body, headers={"if-match": '"1"'}
    )
    scene.judge(answer, (field, value))
    if answer.status_code == 422 and answer.json()["code"] == "INPUT_MALFORMED":
        named = {part for each in answer.json()["findings"] for part in each["path"].split(".")}
        if field.name in named:
            return None
    return f"{answer.status_code} {answer.text[:200]}"


def _body(document: Any, field: Field) -> Any:
    return document["paths"][field.path][field.method]["requestBody"]["content"]["application/json"]["schema"]
