"""What must hold at one node, an invariant a function; ``exchange.fsck`` checks them all."""
