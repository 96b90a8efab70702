"""Days at the ends of the calendar, in every field of every body that is a day: refused in words, never an error."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from tests.directory.hostile.fields import fields, fitting, put

DAYS: Final = ("9999-12-31", "0001-01-01")
UNCOUNTED: Final = {"begins_on", "ends_on", "since", "published_on", "updated_on"}
"""What data cover, and which rows are asked for; and days of a record that are written anew when it is published."""
MANY: Final = "/api/v1/requests/transitions"  # each has an outcome of its own


@pytest.mark.parametrize("day", DAYS)
def test_no_day_is_an_error_of_ours(scene: Any, day: str) -> None:
    """Each by everybody who is signed in, in a body that fits otherwise; what is set for ever is not taken."""
    document, taken = scene.app.openapi(), []
    found = [each for each in fields(document) if each.schema.get("format") == "date"]
    assert len({each.name for each in found}) > 12
    for field in found:
        schema = document["paths"][field.path][field.method]["requestBody"]["content"]["application/json"]["schema"]
        body = put(fitting(document, schema, _meant(scene)), field.place, day)
        for who in ("editor", "requester", "office", "administrator"):
            answer = scene.people[who].request(
                field.method, scene.filled(field.path), json=body, headers={"if-match": '"1"'}
            )
            scene.judge(answer, (*field[:3], who))
            if answer.status_code < 300 and field.name not in UNCOUNTED and field.path != MANY:
                taken.append((*field[:3], who))
    assert not taken, "\n".join(map(str, taken))


def _meant(scene: Any) -> Mapping[str, Any]:
    """What bodies speak of, so that a day is what is wrong with them."""
    resource = scene.meant["resource"][0]
    return {
        "resource": resource,
        "refs": [resource],
        "items": ["name"],
        "entries": [{"resource": resource, "items": ["name"]}],
        "rule_id": "PROVIDE",
        "deciders": ["provider", "office"],
        "statement": True,
    }
