"""Statements about whoever asks: one plan for all who hold the same roles, each answered for who they are."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, Select, String, Uuid, column, literal, select, text, values
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.roles import Role
from directory.statements.prepared import Prepared
from directory.statements.spelled import Planned, Spelled

CLERK = frozenset({Role.REQUESTER})
QUOTED = "it's 中文 \\ $1 %s"


def somebody(org_code: str, roles: frozenset[Role] = CLERK) -> Actor:
    return Actor(uuid4(), f"user{org_code}", "某人", org_code, f"{org_code}局", roles)


def about(actor: Actor, *words: str) -> Select[Any] | None:
    """Who asks, their department, a text with everything in it that has a meaning elsewhere, and which words."""
    if words == ("nothing",):
        return None
    there = values(column("word", String), name="there").data([(each,) for each in ("一", "二", "三")])
    found = select(there.c.word).where(there.c.word.in_(words)) if words else select(there.c.word)
    return (
        select(
            literal(actor.account_id, Uuid).label("who"),
            literal(actor.org_code).label("org"),
            literal(QUOTED).label("quoted"),
            found.subquery().c.word,
        )
        .where(literal(actor.account_id, Uuid).in_([actor.account_id, UUID(int=7)]))
        .order_by("word")
    )


def plans(session: Session) -> list[str]:
    return list(session.scalars(text("SELECT name FROM pg_prepared_statements ORDER BY name")))


def test_people_of_the_same_roles_share_a_plan_and_each_is_answered_for_themselves(engine: Engine) -> None:
    planned, one, other = Planned("test_about", about), somebody("甲"), somebody("乙'")
    with Session(engine) as session:
        for actor in (one, other, one):
            rows = planned.rows(session, actor, "一", "三")
            assert [(row.who, row.org, row.quoted, row.word) for row in rows] == [
                (actor.account_id, actor.org_code, QUOTED, word) for word in ("一", "三")
            ]
        assert plans(session) == ["test_about_1"]
        assert len(planned.rows(session, one)) == 3
        planned.rows(session, somebody("甲", CLERK | {Role.EDITOR}))
        assert plans(session) == ["test_about_1", "test_about_2", "test_about_3"]
        assert planned.rows(session, one, "nothing") == []


def test_it_says_the_same_as_a_statement_that_is_planned_each_time(engine: Engine) -> None:
    actor = somebody("甲")
    with Session(engine) as session:
        planned, spelled = Planned("test_same", about).rows(session, actor), Spelled(about).rows(session, actor)
        assert [tuple(row) for row in planned] == [tuple(row) for row in spelled]


def test_the_server_plans_once_and_not_for_each_person(engine: Engine) -> None:
    planned = Planned("test_once", about)
    with Session(engine) as session:
        for _ in range(3):
            planned.rows(session, somebody("甲"))
        used = text("SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name = 'test_once_1'")
        assert tuple(session.execute(used).one()) == (3, 0)


def test_a_connection_keeps_the_plans_used_last(engine: Engine) -> None:
    each = [Prepared(f"test_kept_{number:03}", f"SELECT {number}") for number in range(130)]
    with Session(engine) as session:
        for statement in (*each[:128], each[0], *each[128:]):
            statement.rows(session)
        assert plans(session) == ["test_kept_000", *(f"test_kept_{number:03}" for number in range(3, 130))]
        assert each[1].rows(session) == [(1,)]
