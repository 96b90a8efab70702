"""回流 (Art. 24): what a higher level holds of a lower territory goes back to it, without any further condition."""
