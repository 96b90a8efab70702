"""What ``hutong exchange status`` and ``redrive`` say to people: of every code that can stop a batch, all there is."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from exchange.errors import ExchangeError
from exchange.states import FINAL, MOVES, Role, State, verdict
from hutong.batch_lines import lines
from hutong.screens import COLUMNS, width
from metadata.exchange import BatchStatus
from pipelines.errors import PipelinesError
from standards.errors import Explanation

EXPLAINED = {**ExchangeError.explanations, **PipelinesError.explanations}
STATES = [(role, state) for role in get_args(Role) for state in MOVES[role] if state not in FINAL]


def _stops(code: str, explanation: Explanation) -> set[State]:
    """The states in which it can leave a batch for a person."""
    decided = {verdict(role, state, code, is_transient=explanation.is_transient) for role, state in STATES}
    return {{"hold": "held", "quarantine": "quarantined"}[each] for each in decided - {"wait"}}


@pytest.mark.parametrize("code", sorted(EXPLAINED))
def test_every_stop_says_why_and_what_to_do_in_80_columns(code: str) -> None:
    explanation = EXPLAINED[code]
    for state in _stops(code, explanation):
        status = BatchStatus(
            route_id="r-0123456789abcdef01234567",
            seq=12,
            grant_id="g",
            state=state,
            node_id="zhujianju",
            code=code,
            explanation_zh=explanation.zh,
            next_step=explanation.next_step,
            at=datetime.now(UTC),
        )
        told = list(lines(status, may_redrive=True))
        assert max(map(width, told)) <= COLUMNS
        joined = "".join("".join(line.split()) for line in told)
        for part in (code, explanation.zh, explanation.next_step, "redrive"):
            assert part
            assert "".join(part.split()) in joined


def test_a_batch_that_another_has_replaced_leaves_nothing_to_do() -> None:
    status = BatchStatus(
        route_id="r-0123456789abcdef01234567",
        seq=5,
        grant_id="g",
        state="quarantined",
        node_id="gongan",
        code="INCREMENT_GAP",
        explanation_zh="需求部门拒收",
        next_step="按原因处理后重投。",
        at=datetime.now(UTC),
    )
    told = list(lines(status, may_redrive=False, replaced_by_seq=6))
    assert told[-1] == "  下一步：无须处理；第 6 批接替了它。"
