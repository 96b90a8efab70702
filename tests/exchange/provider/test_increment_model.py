"""Whatever is done to a table between batches, and however late: after each batch the target is what is granted."""

import contextlib
from collections.abc import Iterator

import psycopg2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.department import libpq_url
from exchange.provider import change_table
from metadata.access import RegionFilter
from tests.sim.pair import Pair

_KEYS = st.integers(1, 6)
_REGIONS = st.sampled_from(["990100", "990200"])
_WRITERS = st.sampled_from([0, 1, 1, 2])  # 0 commits at once
_CHANGE = st.one_of(
    st.tuples(st.just("INSERT INTO {t} VALUES ('%s', '张三', '%s', %s, now())"), _KEYS, _REGIONS, _KEYS),
    st.tuples(st.just("UPDATE {t} SET amount = amount + 1 WHERE id_no = '%s'"), _KEYS),
    st.tuples(st.just("UPDATE {t} SET region = '%s' WHERE id_no = '%s'"), _REGIONS, _KEYS),
    st.tuples(st.just("UPDATE {t} SET name = NULL WHERE id_no = '%s'"), _KEYS),
    st.tuples(st.just("UPDATE {t} SET name = '李四' WHERE id_no = '%s'"), _KEYS),
    st.tuples(st.just("UPDATE {t} SET id_no = '%s' WHERE id_no = '%s'"), _KEYS, _KEYS),
    st.tuples(st.just("DELETE FROM {t} WHERE id_no = '%s'"), _KEYS),
    st.tuples(st.just("SELECT FROM {t} WHERE id_no = '%s' FOR UPDATE"), _KEYS),
    st.tuples(st.just("SAVEPOINT s")),
    st.tuples(st.just("ROLLBACK TO s")),
)
_STEP = st.one_of(
    st.tuples(_WRITERS, _CHANGE),
    st.tuples(_WRITERS, _CHANGE),
    st.tuples(_WRITERS, _CHANGE),
    st.sampled_from(["commit 1", "commit 2", "rollback 1", "exchange", "exchange", "truncate", "install", "remove"]),
)


class _Town:
    """A pair, and three of the department's connections: the first commits each statement."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.writers = [psycopg2.connect(libpq_url(pair.source_url)) for _ in range(3)]
        self.writers[0].autocommit = True
        for writer in self.writers:
            with writer.cursor() as cursor:
                cursor.execute("SET lock_timeout = '15ms'")
            writer.commit()

    def write(self, number: int, statement: str) -> None:
        """What stands in another's way, or cannot be, is undone; in a transaction each try is a subtransaction."""
        writer = self.writers[number]
        with writer.cursor() as cursor:
            if number:
                cursor.execute("SAVEPOINT try")
            try:
                cursor.execute(statement.replace("{t}", self.pair.grant.table))
            except psycopg2.Error:
                if number:
                    cursor.execute("ROLLBACK TO try")

    def do(self, step: str) -> None:
        what, _, number = step.partition(" ")
        table = self.pair.grant.table
        if what == "exchange":
            self.pair.exchange()
            assert self.pair.held() == self.pair.granted()
        elif what in ("commit", "rollback"):
            getattr(self.writers[int(number)], what)()
        elif what == "truncate":
            self.write(0, "TRUNCATE {t}")
        else:
            made = change_table.script if what == "install" else change_table.removal
            is_there = change_table.status(self.pair.source_url, "public", table) is not None
            if is_there == (what == "remove"):
                for writer in self.writers[1:]:
                    writer.commit()
                change_table.apply(self.pair.source_url, "public", table, made(self.pair.source_url, "public", table))


@contextlib.contextmanager
def _town(ends: tuple[str, str]) -> Iterator[_Town]:
    pair = Pair.made(*ends, row_filter=RegionFilter(field="xzqh", prefixes=("9901",)))
    pair.insert(1, 2, region="990100")
    town = _Town(pair)
    try:
        yield town
    finally:
        for writer in town.writers:
            writer.close()


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_STEP, min_size=6, max_size=24), is_noted=st.booleans())
def test_the_target_is_what_is_granted(
    ends: tuple[str, str], steps: list[str | tuple[int, tuple[object, ...]]], is_noted: bool
) -> None:
    with _town(ends) as town:
        if is_noted:
            town.do("install")
        town.do("exchange")
        for step in steps:
            if isinstance(step, str):
                town.do(step)
            else:
                number, (statement, *values) = step
                town.write(number, str(statement) % tuple(values))
        for last in ("exchange", "exchange", "commit 1", "exchange", "commit 2", "exchange"):
            town.do(last)
