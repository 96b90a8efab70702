"""Two versions of an entry side by side."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.resources.models import ResourceEntry
from directory.resources.queries import is_inside, version_record
from metadata.difference import Difference, differences


@dataclass(frozen=True)
class Comparison:
    """What changed from one version to the other."""

    from_version: int
    to_version: int
    differences: tuple[Difference, ...]


def compare(
    session: Session, actor: Actor, entry: ResourceEntry, from_version: int | None, to_version: int | None
) -> Comparison:
    """Compare two versions this actor sees; by default the published one with the one being worked on.

    Of an entry never published the first version stands for the published one; outsiders see one version only, with
    which nothing differs. Raises ``RESOURCE_NOT_FOUND`` for a version they do not see.
    """
    published = entry.published_version or 1
    one = published if from_version is None else from_version
    newest = entry.current_version if is_inside(actor, entry) else published
    other = newest if to_version is None else to_version
    before, after = (version_record(session, actor, entry, number) for number in (one, other))
    return Comparison(one, other, differences(before, after))
