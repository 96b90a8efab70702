"""投诉举报 (Art. 37): taken from anybody, kept apart from who complained, answered by the office."""
