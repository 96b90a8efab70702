"""What the embedded PostgreSQL is set to, written into ``data/hutong.conf`` at each start."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

# Personal values must not reach the log: PostgreSQL repeats them in ERROR messages, statements, details and COPY
# contexts. For the server log ERROR sorts below LOG, so "log" keeps what an operator needs and drops what a client was
# told anyway.
SETTINGS = {
    "listen_addresses": "''",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "'256MB'",
    "work_mem": "'16MB'",
    "maintenance_work_mem": "'128MB'",
    "wal_level": "replica",
    "max_wal_size": "'4GB'",
    "checkpoint_timeout": "'15min'",
    "random_page_cost": "1.1",
    "track_commit_timestamp": "on",  # tells a node's probe when a table last changed
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "password_encryption": "'scram-sha-256'",
    "logging_collector": "on",
    "log_filename": "'postgres-%a.log'",
    "log_rotation_age": "'1d'",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "'none'",
    "log_parameter_max_length": "0",
    "log_checkpoints": "off",
}

# What a build may have been made without. lz4: a record is stored in a fifth less of a processor's time, and pages go
# whole into the log in half the bytes, which makes checkpoints fewer: filling a catalogue writes half as much.
FASTER = {"default_toast_compression": "lz4", "wal_compression": "lz4"}


def configuration(socket_folder: Path, log_folder: Path, known: Mapping[str, str] = MappingProxyType({})) -> str:
    """The text of ``hutong.conf``, with what is ``known`` of ``FASTER``; both folders are ours and hold no quote."""
    given = {"unix_socket_directories": f"'{socket_folder}'", "log_directory": f"'{log_folder}'", **known}
    lines = ["# Written at each start. Use ALTER SYSTEM for settings of your own: they win over these."]
    lines += [f"{name} = {value}" for name, value in {**SETTINGS, **given}.items()]
    return "\n".join(lines) + "\n"
