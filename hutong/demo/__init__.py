"""The demo city 示例市: departments, people, invented data, and the main job from catalogue to reconciled tables."""
