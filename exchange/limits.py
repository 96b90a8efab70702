"""Every size the exchange bounds, in one place."""

from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes, times in seconds, counts. Those of the sealed batch belong to its format 1.

    ``chunk_sealed_bytes`` leaves zstd its worst case on incompressible data (1/256, RFC 8878 block headers included)
    and the 16-byte tag. ``lease_seconds``: a worker that holds a batch longer is overtaken, and then fenced off.
    ``trust_margin_seconds``: a feed head with less validity left is renewed before it is relied on.
    """

    header_bytes: int = _MIB
    recipients: int = 16
    columns: int = 1600  # PostgreSQL's own limit on columns of a table
    chunk_plain_bytes: int = _MIB
    chunk_sealed_bytes: int = _MIB + 4096 + 16
    set_aside_digests: int = 10_000
    copy_message_bytes: int = 64 * 1024  # larger ones keep the database waiting for their end
    sealing_ahead: int = 4  # chunks being sealed while the next is read
    opening_ahead: int = 4  # chunks opened while one is loaded
    parted_bytes: int = 2 * _MIB  # a sealed batch of so many is loaded by two connections
    merge_bytes: int = 64 * _MIB  # the server's, for each join of a merge
    parted_source_bytes: int = 8 * _MIB  # a table of so many goes out by two

    segment_bytes: int = 64 * _MIB
    batch_bytes: int = 1024 * 1024 * _MIB
    answer_bytes: int = 32 * _MIB
    body_bytes: int = 8 * _MIB
    read_bytes: int = _MIB
    free_bytes: int = 256 * _MIB
    spool_check_bytes: int = 16 * _MIB
    connect_seconds: float = 5.0
    answer_seconds: float = 60.0
    least_bytes_per_second: int = 4096  # of an answer that takes longer than that
    lock_wait_seconds: float = 5.0
    statement_seconds: float = 3600.0
    database_answer_bytes: int = 512 * _MIB  # before any of it is used: one row, or the result of one statement
    watch_seconds: float = 0.25
    lease_seconds: float = 3600.0
    idle_transaction_seconds: float = 600.0  # at the target: a frozen worker's locks go, and it must begin again
    clock_skew_seconds: float = 300.0
    trust_margin_seconds: float = 40.0
    audit_backlog_seconds: float = 300.0
    follow_seconds: float = 10.0
    fetch_attempts: int = 3
    batches_between_full: int = 30  # increments in a row; then all rows go once, whatever was missed
    delete_rows: int = 100  # fewer may go unasked
    delete_share: float = 0.5
    shift_rows: int = 100  # of a received table; up to so many may change unseen, whatever their share
    shift_share: float = 0.3
    changes_kept_days: int = 30  # a route that has not sent for longer does not keep others' entries
    store_attempts: int = 3
    unreferenced_seconds: float = 24 * 3600.0  # an upload nobody has announced or asked for since
    incoming_seconds: float = 60.0
    sweep_seconds: float = 3600.0
    sweep_page: int = 500
    feed_pages: int = 4000  # of one pull: two million entries of an honest directory
    feed_bytes: int = 512 * _MIB  # of one pull, held until all of it is verified
    audit_page: int = 1000
    growth_pages: int = 1000  # of one look at the audit log: ten million entries
    order_page: int = 100
    status_page: int = 500
    receipt_page: int = 500
    listing_page: int = 100

    # Reconciliation: rows compared one by one, messages kept at the relay, and how long an end waits for the other.
    reconcile_rows: int = 20_000
    messages_per_route: int = 1000
    message_page: int = 4
    message_days: int = 14
    reconcile_wait_seconds: float = 24 * 3600.0
    reconcile_hour: int = 2

    # Mounted files and folders.
    files: int = 100_000  # entries of one mount, folders included
    files_bytes: int = 256 * 1024 * _MIB
    files_index_bytes: int = 32 * _MIB
    files_path_bytes: int = 3000
    files_depth: int = 64

    # The doctor looks; it never keeps anybody waiting.
    doctor_statement_seconds: int = 5
    doctor_text_seconds: float = 30.0
    doctor_rows: int = 20_000
    doctor_cells: int = 200_000
    doctor_value_characters: int = 2000

    # Scanning a department's database for what to catalogue: its users come first.
    scan_lock_seconds: int = 2
    scan_statement_seconds: int = 15
    scan_rows: int = 1000
    scan_least_rows: int = 100
    scan_cells: int = 200_000
    proposal_body_bytes: int = 6 * _MIB

    # Probing mounts: a look, not a reading.
    probe_statement_seconds: int = 20
    probe_count_bytes: int = 16 * _MIB
    probe_entries: int = 10_000
    probe_head_bytes: int = 256 * 1024
    probe_workbook_bytes: int = 20 * _MIB
    probe_answer_bytes: int = _MIB
    probe_answer_seconds: float = 10.0
    probe_page: int = 200


LIMITS = Limits()
