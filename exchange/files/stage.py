"""The consumer's middle steps for files: unpack beside what is shown, check again where they have arrived."""

from pathlib import Path

from exchange import department
from exchange.consumer import marks, moves
from exchange.consumer.receive import announced, verified_batch
from exchange.envelope.open import Opened
from exchange.errors import ExchangeError
from exchange.files.index import Index
from exchange.files.received import faults
from exchange.files.report import report_of
from exchange.files.unpack import unpack
from exchange.ledger import Batch
from exchange.limits import LIMITS
from exchange.node import Node


def stage(node: Node, batch: Batch) -> Batch:
    """verified -> staged: open the batch into ``.hutong/<route>-<seq>`` of the received folder; nothing is shown yet.

    Signature and digest are verified again on the way. It stands under its name only when every digest, the end of the
    batch and its trailer have held, and is then on disk.
    """
    trust = node.trust()
    _, grant = announced(node, trust, batch)
    verified = verified_batch(node, trust, batch, grant)
    with department.connect(
        node.settings.department_url,
        "target",
        "hutong.route_head",
        idle_seconds=LIMITS.lease_seconds,  # it waits in its transaction while large files are unpacked
    ) as connection:
        with connection.cursor() as cursor:
            marks.fence(cursor, batch.route_id, batch.lease_epoch)
        with (
            node.spool.open(batch.route_id, batch.seq, batch.digest) as file,
            node.received.unpacking(batch.route_id, batch.seq, batch.lease_epoch) as files,
        ):
            opened = Opened(file, verified, node.keys.decryption)
            _unpack(node, opened, files)
            node.failpoints.reach("stage.unpacked")
        connection.commit()
    return moves.staged(node, batch, opened.trailer)


def check(node: Node, batch: Batch) -> Batch:
    """staged -> checked: what stands there is what the index names, byte for byte, and the volume rule holds.

    Files altered since they were unpacked are thrown away before ``RECEIVED_ALTERED``, so that a redrive begins from
    the sealed object.
    """
    announced(node, node.trust(), batch)
    version = node.received.version(batch.route_id, batch.seq)
    if not version.exists():
        return moves.load_again(node, batch)
    try:
        index = version.require_whole()
    except ExchangeError:
        node.received.forget(batch.route_id, batch.seq)
        raise
    report = report_of(batch, index, "staging")
    if report.passed < report.run or report.rows != batch.rows:
        raise ExchangeError("QUALITY_FAILED_TARGET", rules="row_count")
    return moves.checked(node, batch, report)


def _unpack(node: Node, opened: Opened, files: Path) -> None:
    def begin(index: Index, data: bytes) -> None:
        node.received.require_space(index.total_bytes)
        node.received.write_index(files, data)

    with faults(node.received.folder):
        index = unpack(opened, files, begin)
    if not opened.trailer.rows == opened.trailer.target_rows == len(index.files):
        raise ExchangeError("ROW_COUNT", found=len(index.files), expected=opened.trailer.rows)
