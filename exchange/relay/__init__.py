"""The relay: keeps sealed batches between two ends of a route. It holds ciphertext, digests, sizes and receipts
only.
"""
