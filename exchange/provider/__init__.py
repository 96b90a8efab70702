"""The provider's end: what the source holds, what of it travels, and the steps seal, store, close."""
