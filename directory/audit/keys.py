"""The name of a log: it follows from the log's key, so that it stays when an address changes."""

from standards.crypto import VerifyingKey


def log_origin(key: VerifyingKey) -> str:
    """The origin line of the log's checkpoints (C2SP tlog-checkpoint)."""
    return f"hutong-log/{key.key_id[:16]}"
