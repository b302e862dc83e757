"""The controls of the preprocessing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import streamlit as st

from ann_core.imaging.preprocessing import (
    MAX_BITS,
    MAX_SIDE,
    MIN_BITS,
    MIN_SIDE,
    PreprocessConfig,
)
from ui.base import keys
from ui.base.folds import fold
from ui.base.sliders import SteppedSlider, choose_one

_DEFAULT = PreprocessConfig()
_SIDES = tuple(range(MIN_SIDE, MAX_SIDE + 1, 8))
_SIZE, _ACROSS = (
    SteppedSlider(key, label, _SIDES, (MIN_SIDE, MAX_SIDE), _DEFAULT.image_size[0])
    for key, label in (
        (keys.IMAGE_SIDE, "Picture size (pixels a side)"),
        (keys.IMAGE_WIDTH, "Pixels across"),
    )
)

_MODE_NAMES = {"gray": "Gray", "rgb": "Colour"}
_RESIZE_NAMES = {"squash": "Squash", "crop": "Crop", "pad": "Pad"}
_SCALING_NAMES = {"unit": "0 to 1", "standard": "Standardised"}


def preprocess_form(bits_used: int = MAX_BITS) -> PreprocessConfig:
    """Ask how images become numbers; the same settings on every page and in the address.

    Parameters
    ----------
    bits_used : int
        As ``DatasetInfo.bits_used``: what 16-bit images are stretched from, if nobody says
        otherwise.

    Raises
    ------
    ConfigError
        If a value is outside its bounds.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        height = width = int(_SIZE.choose())
        mode = _choose_button("Colours", _MODE_NAMES, keys.MODE)
    with (
        fold("More settings", keys.MORE_SETTINGS),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        values = _more(bits_used)
    size = (height, values.pop("width") or width)
    return PreprocessConfig.parse({"image_size": size, "mode": mode} | values)


def _more(bits_used: int) -> dict[str, Any]:
    """Ask for what is seldom changed, by field; "width" is None where it is the height."""
    resize = _choose_button("If the picture is not square", _RESIZE_NAMES, keys.RESIZE)
    resample = choose_one(
        "Filter",
        get_args(PreprocessConfig.model_fields["resample"].annotation),
        key=keys.RESAMPLE,
        default=_DEFAULT.resample,
        help="How a small pixel is computed from large ones: nearest takes one of them, box their "
        "mean, the others a mean in which near ones count more.",
    )
    scaling = _choose_button(
        *("Scaling", _SCALING_NAMES, keys.SCALING),
        help="0 to 1: every value divided by 255. Standardised: each pixel minus its mean over "
        "the training pictures, divided by its standard deviation there.",
    )
    _ACROSS.remember()
    width = None
    if st.toggle(
        "Set width and height separately",
        key=keys.OBLONG,
        help="For pictures that are not square.",
        bind="query-params",
    ):
        width = int(_ACROSS.choose())
    bits = _bits(bits_used)
    if bits_used != MAX_BITS or bits.key in st.session_state or bits.key in st.query_params:
        bits_used = int(bits.choose())
    return {
        "resize": resize,
        "resample": resample,
        "scaling": scaling,
        "bits_used": bits_used,
        "width": width,
    }


def _bits(default: int) -> SteppedSlider:
    return SteppedSlider(
        keys.bits_used(default),
        "Bits of 16-bit pictures",
        (8, 10, 12, 14, 16),
        (MIN_BITS, MAX_BITS),
        default,
        help="Files with 16 bits a value often use fewer: with 12 bits, the values 0 to 4,095 are "
        "stretched to all from black to white. One rule for all pictures, in training and in "
        "prediction; other files stay as they are.",
    )


def _choose_button(
    label: str, names: Mapping[str, str], key: str, *, help: str | None = None
) -> str:
    """Ask for a field of the config that has the name `key`."""
    other = list(names.values())[-1]
    chosen: str = st.segmented_control(
        label,
        list(names),
        default=getattr(_DEFAULT, key),
        # Written like a known one, a strange value gets as far as the config, which refuses it
        # in a sentence; otherwise it would be taken for the default, silently.
        format_func=lambda value: names.get(value, other),
        required=True,
        key=key,
        help=help,
        bind="query-params",
    )
    return chosen


def fill_preprocess_form(config: PreprocessConfig, bits_used: int = MAX_BITS) -> None:
    """Put settings into the controls; for callbacks.

    Parameters
    ----------
    bits_used : int
        As in `preprocess_form`.
    """
    if bits_used != MAX_BITS or config.bits_used != MAX_BITS:
        st.session_state[keys.bits_used(bits_used)] = config.bits_used
    height, width = config.image_size
    st.session_state.update(
        {keys.IMAGE_SIDE: height, keys.IMAGE_WIDTH: width, keys.OBLONG: height != width}
    )
    for name in (keys.MODE, keys.RESIZE, keys.RESAMPLE, keys.SCALING):
        st.session_state[name] = getattr(config, name)
