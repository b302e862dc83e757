"""The base of all configuration objects: immutable, validated, named by content."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Self

import pydantic

from ann_core.errors import ConfigError


class Config(pydantic.BaseModel):
    """A frozen set of named values with bounds.

    Sliders, command line and worker share the bounds, because they are written
    once, on the fields. `parse` is the door for values from outside.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def parse(cls, values: Any) -> Self:
        """Validate a mapping of values and report all problems at once.

        Raises
        ------
        ConfigError
            With one sentence for each value outside its bounds.
        """
        try:
            return cls.model_validate(values)
        except pydantic.ValidationError as error:
            raise ConfigError(cls.label(), sentences(error)) from error

    @classmethod
    def label(cls) -> str:
        """Name this kind of settings for people, such as "Network settings"."""
        words = "".join(f" {c.lower()}" if c.isupper() else c for c in cls.__name__)
        return words.removesuffix(" config").strip().capitalize() + " settings"

    def key(self) -> str:
        """Return 16 hexadecimal digits that name the content of this object."""
        return content_key(self.model_dump(mode="json"))

    @classmethod
    def bounds(cls, field: str) -> tuple[Any, Any]:
        """Lowest and highest value of a numeric `field`, for sliders."""
        low = high = None
        for rule in cls.model_fields[field].metadata:
            low = getattr(rule, "ge", low)
            high = getattr(rule, "le", high)
        return low, high


def content_key(value: Any) -> str:
    """Hash a JSON-like value: equal content, equal key, in any process."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def sentences(error: pydantic.ValidationError) -> list[str]:
    """Say each problem of a validation error as "field: expected …, got …"."""
    messages = []
    for problem in error.errors(include_url=False):
        field = ".".join(str(part) for part in problem["loc"]) or "value"
        message = problem["msg"].removeprefix("Value error, ")
        message = message[:1].lower() + message[1:]
        # pydantic repeats the whole object as input when a field is missing.
        is_worded = problem["type"] in {"missing", "value_error"}
        messages.append(
            f"{field}: {message}" + ("" if is_worded else f", got {_short(problem['input'])}")
        )
    return messages


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
