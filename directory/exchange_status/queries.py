"""Reads what nodes reported: routes, their batches, receipts and totals, within what the reader may see."""
