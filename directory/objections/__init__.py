"""异议 of five kinds: answered by the department it is about, else brought up the chain of Article 28."""
