"""The reader's desk: what waits for them, what they sent, their drafts, what arrived."""
