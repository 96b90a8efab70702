"""What the checks are tried on."""

from collections.abc import Callable, Iterator

import pytest

from tests.pipelines.checks.department import Department


@pytest.fixture
def department(new_database: Callable[[], str]) -> Iterator[Department]:
    department = Department(new_database())
    yield department
    department.connection.close()
