"""Use records (使用记录, Art. 29): what a requester says of its use, when it is asked to, and where the gaps are."""
