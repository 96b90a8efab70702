"""What a node says to the directory and to its relay, and what it keeps of their answers. Nodes only ever call out."""
