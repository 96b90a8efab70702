"""Fidelity certificates (保真证书): which versions of an entry arrived value for value, as its provider says."""
