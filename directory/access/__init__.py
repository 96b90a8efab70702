"""Requests (申请) and the grants (授权) that come of them."""
