"""Several received tables turned at once into what one instant of their source shows.

A department may have put foreign keys between them: what a row refers to is written before it, and goes after it. A
constraint that can be deferred is judged when all is done.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from exchange import department
from exchange.consumer import last_merge, merge, target
from exchange.consumer.merge import Changed
from exchange.errors import ExchangeError
from exchange.instants import blaming
from exchange.keys.trust import BoundGrant
from exchange.ledger import Batch
from exchange.node import Node
from metadata.exchange import InstantMember, Manifest

_REFERENCES = """
SELECT child.relname, parent.relname FROM pg_constraint k
    JOIN pg_class child ON child.oid = k.conrelid JOIN pg_class parent ON parent.oid = k.confrelid
    JOIN pg_namespace n ON n.oid = child.relnamespace AND n.oid = parent.relnamespace
WHERE k.contype = 'f' AND NOT k.condeferrable AND child.oid <> parent.oid AND n.nspname = %s
    AND child.relname = ANY (%s) AND parent.relname = ANY (%s)
"""


class Part(NamedTuple):
    """One batch and its grant."""

    batch: Batch
    grant: BoundGrant


def require_announced(batches: Sequence[Batch], manifest: Manifest) -> None:
    """The provider has announced exactly these batches, by their digests, as of one instant.

    Raises ``MANIFEST_BAD``: then it has said different things of one instant.
    """
    found = tuple(InstantMember(route_id=each.route_id, seq=each.seq, digest=each.digest) for each in batches)
    if manifest.instant != (found if len(batches) > 1 else ()):
        raise ExchangeError("MANIFEST_BAD", reason="its instant is of other batches than were received")


def become(node: Node, cursor: Any, parts: Sequence[Part]) -> dict[str, Changed]:
    """Turn the tables into what was staged; by batch, what that changed.

    Where each can become what was staged for it, all do, and else none: a table that is there at once with all rows,
    beside one that is written, would show readers with an old snapshot the new one and the other as it was. What a
    merge finds in a table that stands is kept (``last_merge``).
    """
    changed: dict[str, Changed] = {}
    standing, is_kept = [], {}
    is_first = all(target.is_adoptable(cursor, *part) for part in parts)
    for part in parts:
        if changed:
            node.failpoints.reach("apply.one_of_several")
        with _at(part):
            if is_first:
                target.adopt(cursor, *part)
                last_merge.forget(cursor, part.batch.route_id)
                changed[part.batch.subject] = Changed(0, part.batch.rows or 0, is_first=True, is_kept=False)
                continue
            is_made = target.prepare(cursor, *part)
            kept = not is_made and last_merge.can_keep(cursor, part.grant.target_table)
            is_kept[part.batch.subject] = kept
            changed[part.batch.subject] = Changed(0, 0, is_first=is_made, is_kept=kept)
            last_merge.begin(cursor, *part)
            standing.append(part)

    def delete(part: Part) -> int:
        return merge.run(cursor, merge.delete(*part, is_kept=is_kept[part.batch.subject]))

    def write(part: Part) -> int:
        return merge.run(cursor, merge.write(*part, is_kept=is_kept[part.batch.subject]))

    for name, (gone, written) in in_order(node, cursor, standing, delete, write).items():
        changed[name] = changed[name]._replace(gone=gone, written=written)
    return changed


def in_order(
    node: Node, cursor: Any, parts: Sequence[Part], delete: Callable[[Part], int], write: Callable[[Part], int]
) -> dict[str, tuple[int, int]]:
    """Do both to every table; by batch, how many rows were deleted and written.

    What is referred to is written first; rows that could be referred to go last, those that refer to them before.
    """
    if len(parts) > 1:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    references = _references(cursor, parts) if len(parts) > 1 else {}
    ordered = _in_order(parts, references)
    referred = set().union(*references.values())
    gone: dict[str, int] = {}
    written: dict[str, int] = {}
    for number, part in enumerate(ordered):
        if number:
            node.failpoints.reach("apply.one_of_several")
        with _at(part):
            if part.grant.target_table not in referred:
                gone[part.batch.subject] = delete(part)
            written[part.batch.subject] = write(part)
    for part in reversed(ordered):
        if part.grant.target_table in referred:
            with _at(part):
                gone[part.batch.subject] = delete(part)
    if len(parts) > 1:
        with department.faults("target", "、".join(part.grant.target_table for part in parts)):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return {name: (gone[name], written[name]) for name in written}


@contextmanager
def _at(part: Part) -> Iterator[None]:
    with blaming(part.batch), department.faults("target", part.grant.target_table):
        yield


def _references(cursor: Any, parts: Sequence[Part]) -> Mapping[str, set[str]]:
    """By table, the other tables among these that its rows refer to and cannot do without even for a moment."""
    names = [part.grant.target_table for part in parts]
    cursor.execute(_REFERENCES, (target.SCHEMA, names, names))
    found: dict[str, set[str]] = {name: set() for name in names}
    for child, parent in cursor.fetchall():
        found[child].add(parent)
    return found


def _in_order(parts: Sequence[Part], references: Mapping[str, set[str]]) -> list[Part]:
    """What is referred to before what refers to it; within a ring, as they come."""
    by_name = {part.grant.target_table: part for part in parts}
    found: dict[str, Part] = {}
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen:
            return
        seen.add(name)
        for parent in sorted(references.get(name, ())):
            visit(parent)
        found[name] = by_name[name]

    for name in by_name:
        visit(name)
    return list(found.values())
