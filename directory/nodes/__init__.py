"""The exchange nodes: enrolment, the signed feed, and what nodes report back."""
