"""Delegation (授权代理): a deciding person's role, held by a named colleague from one day to another."""
