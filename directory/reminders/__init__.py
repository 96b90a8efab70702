"""Reminders (催办): who is reminded of a running term or of the end of a use, and on which of its days."""
