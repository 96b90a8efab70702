"""The worklist: what waits for a person (待办), what they dealt with (已办), what they asked for (我发起的)."""
