"""Outcome codes by subject: what each means, what to do next; joined in exchange.errors."""
