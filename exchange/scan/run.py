"""From the department's database to proposals, and the proposals to the directory."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from exchange.limits import LIMITS
from exchange.node import Node
from exchange.scan.source import Source, open_source
from exchange.scan.structure import Relation
from metadata.guessing import propose
from metadata.proposal import Proposal
from metadata.signed import Signed


class Scan:
    """A scan under way: ``relations`` are known at once, so that progress can be told; proposals come one by one."""

    def __init__(self, node: Node, source: Source, schemas: Sequence[str], today: date) -> None:
        self.relations: list[Relation] = source.relations(schemas)
        self._node, self._source, self._today = node, source, today

    def proposals(self) -> Iterator[Proposal]:
        """One for each relation that is still there; ``problem`` says what could not be seen."""
        for relation in self.relations:
            profile = self._source.profile(relation, self._today)
            if profile is not None:
                yield propose(profile, self._node.node_id, self._node.settings.org_code)


@contextmanager
def open_scan(node: Node, schemas: Sequence[str], today: date) -> Iterator[Scan]:
    """Raises ``SOURCE_DOWN``, ``SCHEMA_UNKNOWN``."""
    with open_source(node.settings.department_url) as source:
        yield Scan(node, source, schemas, today)


def post(node: Node, proposals: Iterable[Proposal]) -> int:
    """Sign each and hand it to the directory, in bodies it takes; how many were new. Again does no harm."""
    accepted, size = 0, 0
    waiting: list[Signed] = []
    for proposal in proposals:
        signed = Signed.sign("proposal/1", proposal, node.keys.identity)
        length = len(signed.payload)
        if waiting and size + length > LIMITS.proposal_body_bytes:
            accepted += node.directory.send_proposals(waiting)
            waiting, size = [], 0
        waiting.append(signed)
        size += length
    return accepted + (node.directory.send_proposals(waiting) if waiting else 0)
