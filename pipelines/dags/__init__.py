"""The DAG files: schedule and order only. What they do stands in ``pipelines/tasks.py``."""
