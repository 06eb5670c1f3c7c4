"""What holds for every command unless an option says otherwise.

From strongest to weakest: option, environment (`WHENABOUTS_LIBRARY`), settings file
(`settings.toml` in the user's configuration folder), default.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from whenabouts.errors import SettingsError


def settings_file() -> Path:
    """The user's settings file, whether it exists or not."""
    from platformdirs import user_config_path

    return user_config_path("whenabouts", appauthor=False) / "settings.toml"


def state_folder() -> Path:
    """Where small things between two commands live, such as the last search."""
    from platformdirs import user_state_path

    return user_state_path("whenabouts", appauthor=False)


def _default_library() -> Path:
    from platformdirs import user_data_path

    return user_data_path("whenabouts", appauthor=False) / "videos.lib"


class Preferences(BaseSettings):
    """Settings of the program, read from the environment and the settings file."""

    model_config = SettingsConfigDict(env_prefix="WHENABOUTS_", frozen=True, extra="forbid")

    library: Path = Field(default_factory=_default_library)
    """Folder of the library."""
    encoder: str | None = None
    """Encoder of new libraries: a name, a hub name or a folder; None: the best one present."""
    player: str = ""
    """Command that opens a video, with `{path}` and `{start_s}`; empty: the first one found."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the base class says so
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options, then environment, then the settings file."""
        file = TomlConfigSettingsSource(settings_cls, toml_file=settings_file())
        return init_settings, env_settings, file


def preferences() -> Preferences:
    """Read them; a fault names the field and where settings may come from."""
    try:
        return Preferences()
    except (ValidationError, ValueError, OSError) as error:
        raise SettingsError(
            f"the program's settings do not fit: {error}\n"
            f"they come from WHENABOUTS_... variables and from {settings_file()}"
        ) from error


def library_path(given: Path | None) -> Path:
    """The library to use: as given, or by preference."""
    path = preferences().library if given is None else given
    return path.expanduser()
