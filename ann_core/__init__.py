"""Flatland's engine room: images in, dense networks out. Imports no Streamlit.

The two functions of the article are here by their names:

>>> from ann_core import process_image, process_folder
"""

from ann_core.imaging.images import process_folder, process_image
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.training.network_config import NetworkConfig

__all__ = ["NetworkConfig", "PreprocessConfig", "process_folder", "process_image"]
