"""The catalogue service: PostgreSQL, API, pages, approvals, statutory clock, audit log."""
