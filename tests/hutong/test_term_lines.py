"""What the command line says of a term beside its days: how late it is, and that a year's holidays are not known."""

from datetime import date, datetime
from types import SimpleNamespace

import pytest
from pydantic import BaseModel

from directory.clock.deadlines import SHANGHAI, Calendar
from directory.clock.evidence import TermLine, term_line
from hutong.term_lines import say_terms


class Sheet(BaseModel):
    terms: tuple[TermLine, ...]


def test_a_late_term_over_a_year_nobody_entered(capsys: pytest.CaptureFixture[str]) -> None:
    began = datetime(2031, 1, 6, 9, tzinfo=SHANGHAI)
    kept = SimpleNamespace(
        rule_id="REPLY_UNCONDITIONAL",
        counted_from=began.date(),
        limit_days=1,
        extension_days=0,
        due_on=date(2031, 1, 7),
        started_at=began,
        stopped_at=None,
        outcome=None,
    )
    nothing_known = Calendar(frozenset(), frozenset(), frozenset())
    line = term_line(kept, date(2031, 3, 6), nothing_known, {}, name="答复", article=21, outcomes={})
    say_terms(Sheet(terms=(line,)), as_json=False)
    told = capsys.readouterr().out
    assert "其后至 2031-03-06 不逐日列出" in told
    assert "合计超期 42 个工作日" in told
    assert "2031 年放假安排尚未录入" in told
