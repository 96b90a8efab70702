"""The node (前置节点) each department runs: sources, targets, ledger, sealed batches; and the relay."""
