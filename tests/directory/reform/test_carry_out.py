"""Departments merged, split and renamed: what moves, what stays, and that work goes on where it stood."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from directory.errors import DirectoryError
from directory.reform.carry_out import carry_out
from directory.reform.choice import Choice
from directory.reform.preview import preview
from directory.roles import Role
from metadata.resource import Sharing
from tests.directory.access.conftest import TO_ACCEPTED, TODAY, Town, conditional_sharing, mount_of
from tests.directory.reform.conftest import lasting, rows


def test_the_preview_calls_a_consent_by_its_entry(town: Town, department: Callable[..., str]) -> None:
    free = town.publish("门牌号码", Sharing(share_type="unconditional", method_types=("batch",)))
    signed = town.people["lead"].client.post("/api/v1/consents", json={"resource": free, "words": "同意"})
    assert signed.status_code == 201, signed.text
    old, successor = town.orgs["provider"], department()
    choice = Choice(kind="merge", organisations=[old], successors=[successor], effective_on=TODAY, basis="市编委文件")
    with town.city.app.state.sessions() as session:
        seen = preview(session, town.people["approver"].actor, choice, datetime.now(UTC))
    assert [line.title for line in seen.lines if line.kind == "consent"] == ["门牌号码"]


def test_a_merge_takes_everything_along_and_work_goes_on(
    town: Town, resource: str, act: Callable[..., Any], department: Callable[..., str], feed_of: Callable[[], list[Any]]
) -> None:
    waiting = town.bring_to(resource, *TO_ACCEPTED)
    agreed = town.agreed(town.publish("出入境记录", conditional_sharing(), mounts=(mount_of("chu_ru_jing"),)))
    old, merged = town.orgs["provider"], department("示例市公安和司法局")
    before, told = lasting(town), len(feed_of())
    made = act("merge", [old], [merged])

    assert lasting(town) == before
    assert rows(town, "SELECT DISTINCT provider_org FROM request") == [(merged,)]
    assert rows(town, "SELECT DISTINCT org_code FROM resource") == [(merged,)]
    assert [entry["kind"] for entry in feed_of()[told:]] == ["node"]
    assert rows(town, "SELECT org_code, org_name FROM node WHERE node_id = 'gongan'") == [
        (merged, "示例市公安和司法局")
    ]
    answer = town.act("lead", waiting, "agreed")
    assert answer.status_code == 200, answer.text
    assert town.countersign(agreed["grant_id"]).status_code == 200  # issued under the old name, bound to the node
    watched = town.people["approver"].client.get("/api/v1/supervision").json()
    assert merged in {each["org_code"] for each in watched["departments"]}
    rated = town.people["approver"].client.get("/api/v1/rates").json()
    assert merged in {each["org_code"] for each in rated["departments"]}
    assert old not in {each["org_code"] for each in (*watched["departments"], *rated["departments"])}
    told_lead = town.people["lead"].client.get("/api/v1/notices").json()
    assert any("随转到示例市公安和司法局" in each["zh"] for each in told_lead["items"]), told_lead
    clerk = town.people["clerk"].client
    shown = clerk.get(f"/api/v1/resources/{resource}").json()
    assert shown["record"]["provider"] == {"name": "示例市公安和司法局", "code": merged, "division": "", "address": ""}
    assert rows(town, "SELECT closed_on, prefix FROM organisation WHERE code = :code", code=old) == [
        (made.effective_on, None)
    ]
    assert rows(
        town, "SELECT count(*) FROM prefix_allotment WHERE org_code = :code AND closed_at IS NULL", code=old
    ) == [(0,)]
    logged = rows(town, "SELECT convert_from(bytes, 'UTF8') FROM audit_out")
    moves = rows(town, "SELECT count(*) FROM reform_move WHERE reform_id = :id", id=made.id)[0][0]
    assert sum(str(made.id) in each[0] for each in logged) == moves + 1 > 6  # one entry each, and one of the act


def test_nothing_new_is_for_a_closed_one(town: Town, act: Callable[..., Any], department: Callable[..., str]) -> None:
    old, new = department("旧局"), department("新局")
    editor = town.city.person(old, Role.EDITOR)
    act("merge", [old], [new])
    administrator = town.city.person(town.orgs["office"], Role.SYSTEM_ADMIN).client
    permission = {"org_code": old, "name": "jiuju", "kind": "node"}
    assert administrator.post("/api/v1/enrolments", json=permission).json()["code"] == "ORGANISATION_CLOSED"
    record = {"title": "旧局的表", "provider": {"name": "旧局", "code": old}}
    refused = editor.client.post("/api/v1/resources", json=record)
    assert refused.json()["code"] == "ORGANISATION_CLOSED", refused.text
    assert "新局" in refused.json()["detail"]
    with pytest.raises(DirectoryError, match="ORGANISATION_CLOSED_NOW"):
        town.city.person(old, Role.EDITOR)
    shown = editor.client.get(f"/api/v1/organisations/{old}").json()
    assert (shown["successors"], shown["closed_on"] is not None) == ([new], True)


def test_what_moves_moves_along_an_act_only(town: Town, resource: str, department: Callable[..., str]) -> None:
    for statement in (
        "UPDATE resource SET org_code = :to WHERE id = :entry",
        "UPDATE request SET provider_org = :to WHERE resource_id = :entry",
    ):
        town.create(resource)
        with pytest.raises(DirectoryError, match="REFORM_REQUIRED"):
            rows(town, statement, to=department(), entry=resource)


def test_a_split_goes_by_what_was_chosen(town: Town, act: Callable[..., Any], department: Callable[..., str]) -> None:
    old = rows(town, "SELECT org_code FROM account WHERE id = :id", id=town.people["lead"].actor.account_id)[0][0]
    kept, given = department("示例市公安局（新）"), department("示例市移民管理局")
    entries = {title: str(entry) for title, entry in rows(town, "SELECT title, id FROM resource")}
    passing = entries["出入境记录"]
    before = lasting(town)
    act(
        "split",
        [old],
        [kept, given],
        default_successor=kept,
        entries={UUID(passing): given},
        people={town.people["head"].actor.username: given, town.people["editor"].actor.username: ""},
    )
    assert lasting(town) == before
    owners = {str(entry): org for entry, org in rows(town, "SELECT id, org_code FROM resource")}
    assert owners == {entry: given if entry == passing else kept for entry in entries.values()}
    assert (
        rows(town, "SELECT 1 FROM request q JOIN resource r ON r.id = resource_id WHERE provider_org <> org_code") == []
    )
    assert rows(town, "SELECT org_code FROM node WHERE node_id = 'gongan'") == [(kept,)]
    people = dict(rows(town, "SELECT username, (org_code, is_active)::text FROM account"))
    assert people[town.people["head"].actor.username] == f"({given},t)"
    assert people[town.people["editor"].actor.username] == f"({old},f)"
    assert town.people["editor"].client.get("/api/v1/worklist").status_code == 401


def test_a_department_may_stay_and_give_a_part_away(
    town: Town, act: Callable[..., Any], department: Callable[..., str]
) -> None:
    own, part = department("大局"), department("划出的局")
    act("split", [own], [own, part], default_successor=own)
    assert rows(town, "SELECT closed_on FROM organisation WHERE code = :code", code=own) == [(None,)]
    act("merge", [own], [part])  # now it is closed by another act, and that is the one that tells who took over
    shown = town.people["clerk"].client.get(f"/api/v1/organisations/{own}").json()
    assert shown["successors"] == [part]


def test_a_new_name_and_the_old_one_both_find(
    town: Town, resource: str, act: Callable[..., Any], department: Callable[..., str]
) -> None:
    own = rows(town, "SELECT org_code FROM resource WHERE id = :id", id=resource)[0][0]
    former = rows(town, "SELECT name FROM organisation WHERE code = :code", code=own)[0][0]
    clerk = town.people["clerk"].client
    assert clerk.get("/api/v1/resources", params={"q": "示例市平安局"}).json()["total"] == 0  # indexed as it was
    act("rename", [own], name="示例市平安局")
    for words in ("示例市平安局", "示例市公安局"):
        found = clerk.get("/api/v1/resources", params={"q": words}).json()
        assert [(each["provider"], each["provider_code"]) for each in found["items"] if each["id"] == resource] == [
            ("示例市平安局", own)
        ]
        assert own in {each["value"] for each in found["facets"]["provider"]}
    shown = clerk.get(f"/api/v1/organisations/{own}").json()
    assert (shown["name"], shown["former_names"]) == ("示例市平安局", [former])
    with pytest.raises(DirectoryError, match="已有部门名为"):
        act("rename", [department()], name="示例市平安局")


def test_those_below_stand_below_the_successor(
    town: Town, act: Callable[..., Any], department: Callable[..., str]
) -> None:
    top, closed, child, new = (department() for _ in range(4))
    reviewer = town.people["reviewer"].client
    for code, parent in ((closed, top), (child, closed), (new, closed)):
        placed = reviewer.put(f"/api/v1/organisations/{code}", json={"version": 1, "parent_code": parent})
        assert placed.status_code == 200, placed.text
    act("merge", [closed], [new])
    parents = dict(rows(town, "SELECT code, parent_code FROM organisation"))
    assert (parents[child], parents[new]) == (top, top)  # the successor was itself below: both go up


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"successors": ["own"]}, "部门不能并入自己"),
        ({"successors": []}, "须有且只有一个承接部门"),
        ({"successors": ["closed"]}, "ORGANISATION_CLOSED"),
        ({"successors": ["nobody"]}, "ORGANISATION_UNKNOWN"),
        ({"organisations": ["closed"]}, "ORGANISATION_CLOSED"),
        ({"organisations": ["office"]}, "信息办不能撤并"),
        ({"organisations": ["own", "own"]}, "写了两次"),
        ({"basis": " "}, "须写明依据"),
        ({"effective_on": (datetime.now(UTC) + timedelta(days=3)).date()}, "不能晚于今天"),
        ({"entries": {UUID(int=1): "other"}}, "个目录不属于"),
        ({"people": {"nobody": "other"}}, "个人员不属于"),
        ({"nodes": {"gongan": "own"}}, "不在承接部门之中"),
        ({"name": "新名"}, "另办更名"),
        ({"kind": "split", "successors": ["other"]}, "两个以上"),
        ({"kind": "split", "successors": ["own", "other"]}, "承接其余事项"),
        ({"kind": "rename", "successors": []}, "须写明新名称"),
        ({"kind": "rename"}, "没有承接部门"),
    ],
)
def test_what_cannot_be(
    town: Town, act: Callable[..., Any], cast: dict[str, str], change: dict[str, Any], words: str
) -> None:
    def known(value: Any) -> Any:
        if isinstance(value, list):
            return [cast.get(each, each) for each in value]
        return {key: cast.get(each, each) for key, each in value.items()} if isinstance(value, dict) else value

    given: dict[str, Any] = {"kind": "merge", "organisations": ["own"], "successors": ["other"]} | change
    asked = {name: known(value) for name, value in given.items()}
    with pytest.raises(DirectoryError) as refused:
        act(asked.pop("kind"), asked.pop("organisations"), asked.pop("successors"), **asked)
    assert words in f"{refused.value.code} {refused.value.zh}"


@pytest.fixture(scope="module")
def cast(town: Town, act: Callable[..., Any], department: Callable[..., str]) -> dict[str, str]:
    """Departments by the part they play above."""
    own, other, closed = (department() for _ in range(3))
    act("merge", [closed], [other])
    return {"own": own, "other": other, "closed": closed, "office": town.orgs["office"]}


def test_the_preview_says_which_rules_stay_behind(town: Town, department: Callable[..., str]) -> None:
    """A situation that was filed goes along; a rule made for the closed department does not, and that is said."""
    old, successor, now = department(), department(), datetime.now(UTC)
    rule = {"deciders": ["provider", "office"], "basis": "市府办文件", "effective_on": TODAY.isoformat()}
    answer = town.people["approver"].client.post("/api/v1/decider-rules", json=rule | {"provider_org": old})
    assert answer.status_code == 201, answer.text
    found = {"code": "P1", "org_code": old, "words": "目录没有更新"}
    filed = town.people["reviewer"].client.post("/api/v1/situations", json=found).json()["id"]
    choice = Choice(kind="merge", organisations=[old], successors=[successor], effective_on=TODAY, basis="市编委文件")
    with town.city.app.state.sessions() as session:
        seen = preview(session, town.people["approver"].actor, choice, now)
    assert any("1 条专为所撤部门订立的审批规则" in note for note in seen.notes)
    assert [(line.kind, line.to_org) for line in seen.lines if line.subject == filed] == [("situation", successor)]


def test_an_act_asks_no_more_often_however_much_it_moves(town: Town, department: Callable[..., str]) -> None:
    """Set by set, within what one statement may take; the notes of the preview are not looked for again."""
    asked: list[str] = []
    state, approver, now = town.city.app.state, town.people["approver"].actor, datetime.now(UTC)

    def count(conn: Any, cursor: Any, statement: str, *more: Any) -> None:
        asked.append(statement)

    def acted(people: int) -> tuple[int, int]:
        old, new = department(), department()
        for _ in range(people):
            town.city.person(old, Role.EDITOR)
        choice = Choice(kind="merge", organisations=[old], successors=[new], effective_on=TODAY, basis="市编委文件")
        numbers = []
        for each in ("preview", "carry_out"):
            asked.clear()
            with state.sessions.begin() as session:
                if each == "preview":
                    found = preview(session, approver, choice, now)
                else:
                    carry_out(session, approver, state.directory_key, choice, now, previewed=found.digest)
            numbers.append(len(asked))
        assert any("audit_out" in each for each in asked)
        assert not any("jsonb_path_query" in each for each in asked)
        return numbers[0], numbers[1]

    event.listen(state.engine, "before_cursor_execute", count)
    try:
        assert acted(0) == acted(7)
    finally:
        event.remove(state.engine, "before_cursor_execute", count)


def test_a_draft_goes_with_who_goes_on_with_it(
    town: Town, resource: str, act: Callable[..., Any], department: Callable[..., str]
) -> None:
    old, kept, given = (department() for _ in range(3))
    left, next_one = (town.city.person(old, Role.REQUESTER) for _ in range(2))
    town.people["lead_there"] = town.city.person(old, Role.SHARING_LEAD)
    drafts = [left.client.post("/api/v1/requests", json=town.asks(resource)).json()["id"] for _ in range(2)]
    to = {"handed_to": next_one.actor.username, "comment": "调离"}
    assert town.act("lead_there", drafts[0], "handed_over", **to).status_code == 200
    act("split", [old], [kept, given], default_successor=kept, people={next_one.actor.username: given})
    where = {str(key): org for key, org in rows(town, "SELECT id, requester_org FROM request")}
    assert [where[each] for each in drafts] == [given, kept]
