"""The registers of the base libraries: standard items, where each lives, who leads it, who else supplies it."""
