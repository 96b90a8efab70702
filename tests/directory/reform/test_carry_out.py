"""Departments merged, split and renamed: what moves, what stays, and that work goes on where it stood."""

from collections.abc import Callable
from typing import Any

from tests.directory.access.conftest import TO_ACCEPTED, TO_AGREED, Town, conditional_sharing
from tests.directory.reform.conftest import lasting, rows


def test_a_merge_takes_everything_along_and_work_goes_on(
    town: Town, resource: str, act: Callable[..., Any], department: Callable[..., str]
) -> None:
    waiting = town.bring_to(resource, *TO_ACCEPTED)
    agreed = town.agreed(town.publish("出入境记录", conditional_sharing()))
    merged, before = department("示例市公安和司法局"), lasting(town)
    act("merge", [town.orgs["provider"]], [merged])
    assert lasting(town) == before
    assert rows(town, "SELECT DISTINCT provider_org FROM request") == [(merged,)]
    assert rows(town, "SELECT org_code, org_name FROM node WHERE node_id = 'gongan'") == [
        (merged, "示例市公安和司法局")
    ]
    answer = town.act("lead", waiting, "agreed")
    assert answer.status_code == 200, answer.text
    bound = town.countersign(agreed["grants"][0]["grant_id"])
    assert bound.status_code == 200, bound.text
