"""The pipelines' settings: ``HUTONG_*`` from the environment, read once by the process and passed down."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class PipelinesSettings(BaseSettings):
    """Where the nodes' homes are, and how Airflow runs tasks.

    ``airflow_executor`` is Airflow's name of an executor; ``airflow_parallelism`` how many tasks it runs at once here.
    """

    model_config = SettingsConfigDict(env_prefix="HUTONG_", extra="ignore", frozen=True)

    home: Path
    airflow_executor: str = "LocalExecutor"
    airflow_parallelism: int = 3

    @property
    def nodes_folder(self) -> Path:
        """The homes of the nodes that this machine drives, one folder each."""
        return self.home / "nodes"
