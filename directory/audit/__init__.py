"""The transparency log: entries queued in the business transaction, sequenced into a Merkle tree, verified offline."""
