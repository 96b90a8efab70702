"""People who sign in: local accounts, server-side sessions, tokens."""
