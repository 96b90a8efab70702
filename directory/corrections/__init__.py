"""校核申请 (Art. 26): somebody sees wrong content, the provider checks, and whoever holds it takes it again."""
