"""Entrusting (委托, Art. 36): who works on a department's systems or data for it, approved, supervised, until when."""
