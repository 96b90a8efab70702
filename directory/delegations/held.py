"""A role held for a colleague, as an actor carries it."""

from dataclasses import dataclass
from uuid import UUID

from directory.roles import Role


@dataclass(frozen=True)
class Delegated:
    """A role that somebody holds for a colleague for the time being."""

    delegation_id: UUID
    role: Role
    delegator_id: UUID
    delegator_username: str
    delegator_name: str
