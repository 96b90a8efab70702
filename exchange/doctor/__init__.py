"""``hutong node doctor``: what is wrong with a node and its surroundings, and what to do about it."""
