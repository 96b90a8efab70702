"""Whom this party believes about a peer's name: the public authorities, and the city's own named by HUTONG_CA_FILE."""

import functools
import os
import ssl

import httpx

from exchange.errors import ExchangeError


def context() -> ssl.SSLContext:
    """For every call to a peer. ``HUTONG_CA_FILE`` is a PEM file of authorities to believe besides, since a government
    network has its own. Raises ``SETTINGS_BAD`` when it cannot be read.
    """
    return _believing(os.environ.get("HUTONG_CA_FILE", ""))


@functools.cache
def _believing(file: str) -> ssl.SSLContext:
    """One for the process: reading the authorities' certificates takes longer than many a call."""
    made = httpx.create_ssl_context(trust_env=False)
    if file:
        try:
            made.load_verify_locations(file)
        except OSError as error:  # ssl.SSLError is one too
            raise ExchangeError("SETTINGS_BAD", path=file, reason=f"HUTONG_CA_FILE: {type(error).__name__}") from None
    return made
