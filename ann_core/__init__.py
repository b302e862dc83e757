"""Flatland's engine room: pictures in, dense networks out. Imports no Streamlit.

The two functions of the article are here by their names:

>>> from ann_core import process_image, process_folder
"""

from ann_core.images import process_folder, process_image
from ann_core.network import NetworkConfig
from ann_core.preprocessing import PreprocessConfig

__all__ = ["NetworkConfig", "PreprocessConfig", "process_folder", "process_image"]
