"""A batch as a person reads it on a terminal: where it is, why it stopped, what to do, and the command for it."""

from collections.abc import Iterator

from directory.web.labels import BATCH_STATES
from exchange.states import FINAL
from hutong.screens import wrapped
from metadata.exchange import BatchStatus


def lines(
    status: BatchStatus, *, may_redrive: bool, replaced_by_seq: int | None = None, about: str = ""
) -> Iterator[str]:
    """At most 80 columns wide. ``may_redrive``: whether redriving it on its own node does something;
    ``replaced_by_seq``: the batch that was sealed in its place, after which nothing is left to do; ``about``: what
    travels, and from whom to whom.
    """
    yield f"{status.node_id}  {status.route_id}/{status.seq}  {BATCH_STATES[status.state]}（{status.state}）"
    if about:
        yield from wrapped(about, "  ", "  ")
    if not status.code:
        return
    why = "原因" if status.state in FINAL else "等待"
    yield from wrapped(f"{status.code} {status.explanation_zh}", f"  {why}：", "        ")
    next_step = f"无须处理；第 {replaced_by_seq} 批接替了它。" if replaced_by_seq else status.next_step
    yield from wrapped(next_step, "  下一步：", "          ")
    if may_redrive:
        yield f"  hutong exchange redrive {status.route_id} {status.seq}"
        yield f"    --node {status.node_id}"
