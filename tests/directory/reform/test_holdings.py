"""Every column that names a department says what becomes of it, and the application may change it where it moves."""

from fastapi import FastAPI

from directory.db import Base
from directory.privileges import PRIVILEGES
from directory.reform.holdings import HOLDINGS, STAYS


def test_every_column_that_names_a_department_is_declared(directory_app: FastAPI) -> None:
    naming = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        for key in column.foreign_keys
        if key.target_fullname == "organisation.code"
    }
    declared = [each.place for each in HOLDINGS]
    assert len(declared) == len(set(declared))
    assert naming - set(declared) - STAYS.keys() == set(), "say in directory/reform/holdings.py what becomes of them"
    assert (set(declared) | STAYS.keys()) - naming == set()


def test_what_moves_may_be_moved() -> None:
    for each in HOLDINGS:
        table, _, column = each.place.partition(".")
        verbs = PRIVILEGES[table]
        updated = [verb for verb in verbs if verb.startswith("UPDATE")]
        assert updated == ["UPDATE"] or column in updated[0], each.place
