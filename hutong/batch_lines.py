"""A batch as a person reads it on a terminal: where it is, why it stopped, what to do, and the command for it."""

from collections.abc import Iterator

from directory.web.labels import BATCH_STATES
from exchange.states import FINAL
from hutong.screens import wrapped
from metadata.exchange import BatchStatus


def lines(status: BatchStatus, *, may_redrive: bool) -> Iterator[str]:
    """At most 80 columns wide. ``may_redrive``: whether redriving it on its own node does something."""
    yield f"{status.node_id}  {status.route_id}/{status.seq}  {BATCH_STATES[status.state]}（{status.state}）"
    if not status.code:
        return
    why = "原因" if status.state in FINAL else "等待"
    yield from wrapped(f"{status.code} {status.explanation_zh}", f"  {why}：", "        ")
    yield from wrapped(status.next_step, "  下一步：", "          ")
    if may_redrive:
        yield f"  hutong exchange redrive {status.route_id} {status.seq}"
        yield f"    --node {status.node_id}"
