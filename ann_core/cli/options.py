"""Options that several commands have: how pictures become numbers."""

from __future__ import annotations

from typing import Annotated, Any, get_args

import typer

from ann_core.config import Config
from ann_core.errors import ConfigError
from ann_core.imaging.preprocessing import PreprocessConfig


def option(config: type[Config], field: str, text: str) -> Any:
    """Describe an option; what it may be stands in the config, once."""
    low, high = config.bounds(field)
    choices = get_args(config.model_fields[field].annotation)
    if low is not None:
        text += f" {low} to {high}."
    elif all(isinstance(choice, str) for choice in choices):
        text += f" One of {', '.join(choices)}."
    return typer.Option(help=text)


def _image_option(field: str, text: str) -> Any:
    default = PreprocessConfig.model_fields[field].default
    return option(PreprocessConfig, field, f"{text} {default} by default.")


ImageSizeOption = Annotated[
    str | None,
    typer.Option(help="Pixels, such as 64 or 64x48 (height x width); 96x96 by default."),
]
ModeOption = Annotated[str | None, _image_option("mode", "Colours.")]
ResizeOption = Annotated[str | None, _image_option("resize", "How a picture meets its new shape.")]
ResampleOption = Annotated[
    str | None, _image_option("resample", "How small pixels come from large ones.")
]
ScalingOption = Annotated[
    str | None,
    _image_option(
        "scaling", "How bytes become small numbers: 0..1, or standardised over the training split."
    ),
]


def preprocess_config(given: dict[str, Any]) -> PreprocessConfig:
    """Read the options above, of which `given` holds those that were used.

    Raises
    ------
    ConfigError
        With one sentence for each value outside its bounds.
    """
    values = {key: value for key, value in given.items() if key in PreprocessConfig.model_fields}
    if "image_size" in values:
        sides = numbers(values["image_size"], "x")
        values["image_size"] = sides * 2 if len(sides) == 1 else sides
    return PreprocessConfig.parse(values)


def numbers(text: str, separator: str) -> tuple[int, ...]:
    """Read whole numbers such as 64x48."""
    try:
        return tuple(int(part) for part in text.split(separator))
    except ValueError:
        problem = f"expected whole numbers separated by '{separator}', got {text!r}"
        raise ConfigError("Settings", [problem]) from None
