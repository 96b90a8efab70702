"""What the directory takes and how long it waits; every limit in one place, with its unit."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes, times in seconds, counts of things."""

    turn_seconds: float = 0.05  # for which a request may keep a worker from beginning with the next one
    body_bytes: int = 8 * 1024 * 1024
    body_key_count: int = 1000  # of one object; no model has a tenth of it
    body_object_count: int = 20_000  # objects and lists in all of a JSON body; an entry with 1,000 items has 2,000
    body_value_count: int = 120_000  # members in all; the longest list that we take has 100,000
    upload_bytes: int = 64 * 1024 * 1024
    lock_wait_seconds: int = 10
    scan_seconds: float = 15.0  # until a scanner has said that a file is clean
    statement_seconds: int = 30
    idle_transaction_seconds: int = 60
    costly_burst_count: int = 60  # exports, catalogues and the like that one caller may ask for at once
    costly_per_second: float = 1.0
    costly_caller_count: int = 10_000  # callers remembered, by all workers of a machine together
    login_tries: int = 5
    login_pause_seconds: int = 15 * 60
    session_touch_seconds: int = 60
    sequence_every_seconds: float = 1.0
    sequence_batch_count: int = 10_000
    growth_count: int = 10_000  # entries of the log whose hashes a witness is told at once
    form_field_count: int = 20_000  # an entry's form with a thousand items
    views_every_seconds: float = 10.0
    views_held_count: int = 100_000
    index_every_seconds: float = 0.5
    index_at_once_count: int = 500  # changed entries that a search waits for; more are indexed behind it
    index_wait_seconds: float = 1.0
    import_file_bytes: int = 20 * 1024 * 1024
    import_keep_days: int = 7  # after an import ended: its files, and the time in which it can be undone
    import_cell_count: int = 20_000
    import_parsed_seconds: float = 60.0  # how long the sheets of the last file parsed are kept, in each process
    import_parsed_cells: int = 500_000  # of larger ones none are
    assessment_file_bytes: int = 10 * 1024 * 1024
    page_count: int = 100
    list_count: int = 500
    graph_count: int = 100  # entries on one page of the DCAT catalogue
    batch_count: int = 500
    cart_count: int = 20
    comment_count: int = 500  # of one request
    comment_characters: int = 2000
    paper_bytes: int = 10 * 1024 * 1024
    paper_count: int = 20  # of one request
    remark_count: int = 200
    use_record_count: int = 500  # of one request
    feed_page_count: int = 500
    node_report_count: int = 1000
    token_valid_days: int = 7
    use_days: int = 30 * 366  # a term of use, and an entrustment, from today; what is to last longer is renewed
    ahead_days: int = 3 * 366  # from today until what somebody sets a day for
    node_seen_seconds: int = 60


LIMITS = Limits()
