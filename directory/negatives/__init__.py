"""What may not be shared or opened (负面清单): proposed on a law, decided by the office, asked by others."""
