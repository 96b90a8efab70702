"""The consumer's end: fetch, verify, stage, check, apply; the target and its marks."""
