"""Fidelity certificate (保真证书): which columns of a resource version arrived value for value, and what proves it.

The proof is a reconciliation that both ends have signed with outcome ``equal``: each end computed, over the same rows,
a keyed digest of the multiset of their images, and both came to the same. A row's image is what the types' own output
functions, those that COPY's text form uses, write of every granted column under fixed settings. No value is in it.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from metadata.exchange import Digest
from metadata.record import Record
from metadata.signed import Signed

KIND = "fidelity/1"

Carried = Literal["binary", "text"]
CARRIED: dict[Carried, str] = {"binary": "二进制（COPY BINARY）", "text": "文本（COPY TEXT）"}
"""How values travel, said to a person."""


class CertifiedColumn(Record):
    """One granted column: every value compared was the same at both ends."""

    field: Annotated[str, Field(max_length=100)]
    column: Annotated[str, Field(max_length=100)]
    sql_type: Annotated[str, Field(max_length=200)]
    carried: Carried


class FidelityCertificate(Record):
    """Signed by the provider's node; once per route, resource version and ``schema_digest`` (fields, types, key).

    ``proof`` is the ``reconciliation/1`` signed by both nodes, of ``rows`` rows after batch ``seq``. ``grant_digest``
    is SHA-256 of the grant's exact bytes, in which columns and version stand.
    """

    resource_identifier: Annotated[str, Field(max_length=200)]
    resource_code: Annotated[str, Field(max_length=200)]
    resource_version: int = Field(ge=1)
    grant_id: Annotated[str, Field(max_length=200)]
    grant_digest: Digest
    route_id: Annotated[str, Field(max_length=200)]
    seq: int = Field(ge=1)
    provider_node_id: Annotated[str, Field(max_length=64)]
    consumer_node_id: Annotated[str, Field(max_length=64)]
    schema_digest: Digest
    columns: tuple[CertifiedColumn, ...] = Field(min_length=1, max_length=1600)
    rows: int = Field(ge=1, lt=2**63)
    compared_at: datetime
    proof: Signed
