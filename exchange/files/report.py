"""What is checked of files: that there are any. The report has the form of a table's; its rows are files. Pure."""

from exchange.files.index import Index
from exchange.ledger import Batch
from metadata.quality import CheckReport, Place, RuleResult


def report_of(batch: Batch, index: Index, place: Place) -> CheckReport:
    """The volume rule over an index."""
    files = len(index.files)
    result = RuleResult(
        rule_id="row_count",
        kind="row_count",
        indicator="0202",
        action="hold",
        evaluated=files,
        failed=0 if files else 1,
        passed=files > 0,
    )
    return CheckReport(
        subject=batch.subject,
        place=place,
        rows=files,
        set_aside=0,
        results=(result,),
        run=1,
        passed=int(result.passed),
        engine="hutong files",
        suite_name=f"{batch.subject} {place}",
    )
