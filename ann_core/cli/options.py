"""Options for the settings of a run: one for each field of a config, described there, once."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_args, get_type_hints

import typer

from ann_core.config import Config
from ann_core.datasets.dataset import DatasetInfo
from ann_core.errors import ConfigError
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.training.network_config import PRESETS, NetworkConfig

Given = dict[str, Any]
"""Options that were used, by the field that they set."""

_SEPARATORS = {"image_size": "x", "hidden_units": ","}


def config_options(*configs: type[Config]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an option for each field of `configs`.

    The command itself takes them in one parameter, ``given: Given``; the options stand
    where that parameter stands.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def with_options(**values: Any) -> None:
            names = {name for config in configs for name in config.model_fields}
            given = {name: values.pop(name) for name in names}
            command(given={k: v for k, v in given.items() if v is not None}, **values)

        hints = get_type_hints(command, include_extras=True)
        parameters = []
        for parameter in inspect.signature(command).parameters.values():
            if parameter.name == "given":
                parameters += [
                    _option(config, name) for config in configs for name in config.model_fields
                ]
            else:
                parameters.append(parameter.replace(annotation=hints[parameter.name]))
        # Typer reads both.
        with_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        with_options.__annotations__ = {each.name: each.annotation for each in parameters}
        return with_options

    return decorate


def preprocess_config(given: Given) -> PreprocessConfig:
    """Make a config of the options that were used.

    Raises
    ------
    ConfigError
        With one sentence for each value outside its bounds.
    """
    values = _values(PreprocessConfig, given)
    if len(values.get("image_size", ())) == 1:
        values["image_size"] *= 2
    return PreprocessConfig.parse(values)


def stretched(config: PreprocessConfig, given: Given, info: DatasetInfo) -> PreprocessConfig:
    """Let a data set say which bits its images use, if no option does."""
    if "bits_used" in given:
        return config
    return config.model_copy(update={"bits_used": info.bits_used})


def network_config(preset: str, given: Given) -> NetworkConfig:
    """Change a preset by the options that were used.

    Raises
    ------
    ConfigError
        If there is no such preset; with one sentence for each value outside its bounds.
    """
    if preset not in PRESETS:
        known = ", ".join(PRESETS)
        raise ConfigError("Network settings", [f"preset: expected one of {known}, got {preset!r}"])
    values = PRESETS[preset].model_dump() | _values(NetworkConfig, given)
    return NetworkConfig.parse(values)


def _option(config: type[Config], name: str) -> inspect.Parameter:
    """Describe the option that sets one field."""
    field = config.model_fields[name]
    text = field.description or ""
    low, high = config.bounds(name)
    choices = [choice for choice in get_args(field.annotation) if isinstance(choice, str)]
    if low is not None:
        text += f" {low} to {high}."
    elif choices:
        text += f" One of {', '.join(choices)}."
    kind: Any = field.annotation if field.annotation in {int, float, bool} else str
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind | None, typer.Option(help=text)],
    )


def _values(config: type[Config], given: Given) -> Given:
    values = {name: value for name, value in given.items() if name in config.model_fields}
    for name, separator in _SEPARATORS.items():
        if name in values:
            values[name] = _numbers(values[name], separator)
    return values


def _numbers(text: str, separator: str) -> tuple[int, ...]:
    """Read whole numbers such as 64x48; "none" for none."""
    if text == "none" and separator == ",":
        return ()
    try:
        return tuple(int(part) for part in text.split(separator))
    except ValueError:
        problem = f"expected whole numbers separated by '{separator}', got {text!r}"
        raise ConfigError("Settings", [problem]) from None
