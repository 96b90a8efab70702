"""Listening addresses of this machine, looked at before a server needs them."""

import errno
import socket

from hutong.errors import HutongError
from standards.reasons import system_words


def require_free(host: str, port: int) -> None:
    """Raise PORT_IN_USE or ADDRESS_BAD when nothing could listen there now, in words rather than a server's trace."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            # As servers do: a port whose last connections are still closing is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise HutongError("PORT_IN_USE", host=host, port=port) from error
        raise HutongError("ADDRESS_BAD", host=host, port=port, **system_words(error)) from error
    except OverflowError as error:
        raise HutongError("ADDRESS_BAD", host=host, port=port, reason="0–65535") from error


def free_port(preferred: int) -> int:
    """``preferred`` on 127.0.0.1 when nobody has it, else any free one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise HutongError("PORT_IN_USE", host="127.0.0.1", port=preferred)
