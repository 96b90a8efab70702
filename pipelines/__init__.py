"""Airflow DAGs and Great Expectations checks over plain functions."""
