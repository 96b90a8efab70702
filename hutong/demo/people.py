"""Accounts of the demo: making them once, and signing in as the one who holds a role."""

from types import TracebackType
from typing import Self

from directory.roles import Role
from hutong.demo.city import DEPARTMENTS, EVERYBODY, Department
from hutong.demo.directory_client import DirectoryClient
from hutong.demo.passwords import PasswordFile
from standards.check_digits import org_check_character, uscc_check_character


def organisation_code(department: Department) -> str:
    """The department's 统一社会信用代码: 11 (机构编制, 机关), region 990100, its body."""
    body = f"11990100{department.body}{org_check_character(department.body)}"
    return body + uscc_check_character(body)


class People:
    """Signed-in clients by role, opened when first needed and closed together."""

    departments = DEPARTMENTS

    def __init__(self, url: str, passwords: PasswordFile) -> None:
        self._url = url
        self._passwords = passwords
        self._clients: dict[str, DirectoryClient] = {}
        self._codes = {department.name: organisation_code(department) for department in EVERYBODY}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients.values():
            client.close()

    def code(self, department: Department) -> str:
        return self._codes[department.name]

    def client(self, department: Department, role: Role) -> DirectoryClient:
        """The account of this department that holds this role, signed in."""
        username = department.username(role)
        if username not in self._clients:
            self._clients[username] = DirectoryClient(self._url, username, self._passwords.of(username))
        return self._clients[username]
