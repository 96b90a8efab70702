"""Receipts by anybody's key, with what they say beside them; sealed to nobody."""

from typing import Any

from metadata.exchange import RECEIPT, OpenReceipt, Receipt, ReceiptContents
from metadata.signed import Signed
from standards.crypto import SigningKey


def told(key: SigningKey, **values: Any) -> OpenReceipt:
    """Members of the clear part and of the contents alike, as the directory is told them."""
    said = {name: value for name, value in values.items() if name in ReceiptContents.model_fields}
    clear = {name: value for name, value in values.items() if name not in said}
    contents = None
    if clear["kind"] != "stored":
        contents = ReceiptContents.model_validate({"salt": "5" * 64} | said)
        clear["contents_digest"] = contents.digest
    return OpenReceipt(receipt=Signed.sign(RECEIPT, Receipt.model_validate(clear), key), contents=contents)
