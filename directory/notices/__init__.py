"""Notices (通知): what somebody is told of, in the transaction of its effect, and what they have read."""
