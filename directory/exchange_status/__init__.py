"""What nodes report about batches, shown to the organisations at both ends and to those who supervise."""
