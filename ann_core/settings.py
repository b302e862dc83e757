"""Where Flatland keeps its files, and its limits: read from the environment.

Each field can be set as an environment variable with the prefix ``ANN_``, for
instance ``ANN_DATA_DIR=/srv/flatland``.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import platformdirs
import pydantic
import pydantic_settings
import sqlalchemy as sa

from ann_core import stored_names
from ann_core.config import sentences
from ann_core.errors import ConfigError

_PARENT = Path(__file__).resolve().parents[1]  # the checkout, or where packages are installed

# Microsoft's own, linked from https://www.microsoft.com/en-us/download/details.aspx?id=54765
DOGS_VS_CATS_URL = (
    "https://download.microsoft.com/download/3/E/1/3E1C3F21-ECDB-4869-8368-6DEBA77B919F/"
    "kagglecatsanddogs_5340.zip"
)

Profile = Literal["local", "hosted"]

HOSTED: dict[str, int | bool] = {
    "allow_server_folders": False,
    "max_upload_bytes": 100 * 1024**2,
    "max_held_upload_bytes": 400 * 1024**2,
    "max_predict_bytes": 300 * 1024**2,
    "max_address_seconds": 10 * 60,
    "max_waiting_runs": 3,
    "max_waiting_at_address": 40,
    "max_waiting_in_all": 60,
    "max_epochs": 100,
    "max_nodes": 5_000,
    "max_parameters": 25_000_000,
    "max_run_seconds": 30 * 60,
    "turn_seconds": 20,
    "max_data_seconds": 20 * 60,
    "max_disk_bytes": 20 * 1024**3,
    "max_run_age_days": 7,
    "max_dataset_age_days": 14,
}
"""What `ANN_PROFILE=hosted` sets, for a demo that strangers use; each can be set by itself."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one installation; 0 means that there is none.

    Attributes
    ----------
    waiting_runs : int
        Runs of one owner, or of one session, that may wait at the same time.
    epochs, units, parameters : int
        Of one run; units are those of all hidden layers together.
    run_seconds : int
        Training time of one run, all its attempts together; it then stops and
        keeps what it learned.
    data_seconds : int
        Time of one import, profile, table or set of baselines; it is then ended.
    disk_bytes : int
        What the data folder may hold in all; what nobody uses makes room for new work, and if
        that does not suffice, it is refused.
    run_age_days : int
        Ended runs are deleted when they are older.
    dataset_age_days : int
        Data sets are erased when nobody has used them for so long.
    waiting_at_address, waiting_in_all : int
        Runs from one address, and all of them, that may wait at the same time.
    """

    waiting_runs: int = 0
    epochs: int = 0
    units: int = 0
    parameters: int = 0
    run_seconds: int = 0
    data_seconds: int = 0
    disk_bytes: int = 0
    run_age_days: int = 0
    dataset_age_days: int = 0
    waiting_at_address: int = 0
    waiting_in_all: int = 0


NO_LIMITS = Limits()


class Settings(pydantic_settings.BaseSettings):
    """Folders and limits of this installation."""

    model_config = pydantic_settings.SettingsConfigDict(
        env_prefix="ANN_", env_ignore_empty=True, frozen=True
    )

    profile: Profile = "local"
    data_dir: Path = pydantic.Field(default_factory=lambda: default_data_dir())
    database_url: str = ""
    allow_server_folders: bool = True
    allow_private_addresses: bool = False
    slots: int = pydantic.Field(default=0, ge=0, le=64, description="0: one for each two cores")
    max_archive_entries: int = pydantic.Field(default=100_000, ge=1)
    max_unpacked_bytes: int = pydantic.Field(default=2 * 1024**3, ge=1)
    max_upload_bytes: int = pydantic.Field(default=0, ge=0)
    max_held_upload_bytes: int = pydantic.Field(default=0, ge=0)
    max_predict_bytes: int = pydantic.Field(default=2 * 1024**3, ge=1)
    max_address_seconds: int = pydantic.Field(default=60 * 60, ge=1)
    max_waiting_runs: int = pydantic.Field(default=0, ge=0)
    max_waiting_at_address: int = pydantic.Field(default=0, ge=0)
    max_waiting_in_all: int = pydantic.Field(default=0, ge=0)
    max_epochs: int = pydantic.Field(default=0, ge=0)
    max_nodes: int = pydantic.Field(default=0, ge=0)
    # The format of the exported model ends at 2 GB.
    max_parameters: int = pydantic.Field(default=450_000_000, ge=1, le=450_000_000)
    max_run_seconds: int = pydantic.Field(default=0, ge=0)
    turn_seconds: float = pydantic.Field(default=0.0, ge=0.0, le=86_400.0)
    max_data_seconds: int = pydantic.Field(default=0, ge=0)
    max_disk_bytes: int = pydantic.Field(default=0, ge=0)
    max_run_age_days: int = pydantic.Field(default=0, ge=0)
    max_dataset_age_days: int = pydantic.Field(default=0, ge=0)
    warm_worker: Literal["auto", "on", "off"] | int = pydantic.Field(
        default="auto", description="a number: the descriptor of one that is shared"
    )
    lease_seconds: float = pydantic.Field(default=30.0, ge=2.0, le=3600.0)
    checkpoint_seconds: float = pydantic.Field(default=10.0, ge=0.0, le=3600.0)
    dogs_vs_cats_url: str = DOGS_VS_CATS_URL
    examples: bool = True

    @pydantic.model_validator(mode="before")
    @classmethod
    def _apply_profile(cls, values: dict[str, Any]) -> dict[str, Any]:
        return HOSTED | values if values.get("profile") == "hosted" else values

    @pydantic.field_validator("data_dir")
    @classmethod
    def _absolute(cls, folder: Path) -> Path:
        try:
            return folder.expanduser().resolve()
        except RuntimeError as error:  # ~somebody, who is not known here
            raise ValueError(f"expected a folder, but {error}") from error

    @pydantic.field_validator("dogs_vs_cats_url")
    @classmethod
    def _address(cls, url: str) -> str:
        # A mirror may name the hash of its file, as pip's links do.
        form = r"https?://[^\s#]+(#sha256=[0-9a-fA-F]{64})?"
        if not re.fullmatch(form, url) or not urlsplit(url).hostname:
            raise ValueError(
                "expected an address that begins with http:// or https:// and may end in "
                "#sha256= and 64 hexadecimal digits"
            )
        return url

    @property
    def datasets_dir(self) -> Path:
        """One folder a data set."""
        return self.data_dir / "datasets"

    @property
    def features_dir(self) -> Path:
        """One folder a feature matrix, named by content; safe to delete."""
        return self.data_dir / "features"

    @property
    def downloads_dir(self) -> Path:
        """Files from the network, each checked; safe to delete."""
        return self.data_dir / "downloads"

    @property
    def uploads_dir(self) -> Path:
        """One folder an upload that waits to be imported."""
        return self.data_dir / "uploads"

    @property
    def profiles_dir(self) -> Path:
        """One folder a survey of a data set, named by content; safe to delete."""
        return self.data_dir / stored_names.PROFILES_DIR

    @property
    def baselines_dir(self) -> Path:
        """One folder a set of baselines, named by content; safe to delete."""
        return self.data_dir / "baselines"

    @property
    def runs_dir(self) -> Path:
        """One folder a run."""
        return self.data_dir / "runs"

    @property
    def registry_url(self) -> str:
        """SQLAlchemy URL of the run registry; a file in `data_dir` by default."""
        if self.database_url:
            return self.database_url
        file = str(self.data_dir / "registry.db")  # its name may hold what means something in a URL
        return sa.URL.create("sqlite", database=file).render_as_string()

    @property
    def limits(self) -> Limits:
        """How much one run and one owner may take."""
        return Limits(
            waiting_runs=self.max_waiting_runs,
            waiting_at_address=self.max_waiting_at_address,
            waiting_in_all=self.max_waiting_in_all,
            epochs=self.max_epochs,
            units=self.max_nodes,
            parameters=self.max_parameters,
            run_seconds=self.max_run_seconds,
            data_seconds=self.max_data_seconds,
            disk_bytes=self.max_disk_bytes,
            run_age_days=self.max_run_age_days,
            dataset_age_days=self.max_dataset_age_days,
        )

    @property
    def n_slots(self) -> int:
        """How many trainings may run at once."""
        return self.slots or max(1, (os.cpu_count() or 1) // 2)

    @property
    def n_threads(self) -> int:
        """Threads of one training: the slots share the cores."""
        return max(1, (os.cpu_count() or 1) // self.n_slots)


def default_data_dir() -> Path:
    """Choose ``data/`` in a checkout; elsewhere, where the system keeps the data of programs."""
    if (_PARENT / "pyproject.toml").is_file():
        return _PARENT / "data"
    return platformdirs.user_data_path("flatland", appauthor=False)


def program_folders(settings: Settings) -> list[Path]:
    """List where the program, its packages and its data lie, for leaving them out of a log."""
    packages = [Path(folder) for folder in (*sys.path, sys.prefix, sys.base_prefix) if folder]
    return [settings.data_dir, _PARENT, Path.home(), Path(tempfile.gettempdir()), *packages]


def get_settings() -> Settings:
    """Read the settings from the environment as it is now.

    Raises
    ------
    ConfigError
        If a variable holds a value that cannot be used.
    """
    try:
        return Settings()
    except pydantic.ValidationError as error:
        raise ConfigError("Environment variables ANN_*", sentences(error)) from error
