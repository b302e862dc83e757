"""The mean and spread of each feature, as a network's first layer applies them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Standardiser:
    """What each feature usually is, and how far it strays from that.

    Attributes
    ----------
    mean : float64 array, shape (n_features,)
        Mean intensity over the training images, 0 to 255.
    std : float64 array, shape (n_features,)
        Standard deviation there (divided by n, as scikit-learn's StandardScaler
        does); 1 for a feature that never changes.
    """

    mean: np.ndarray
    std: np.ndarray

    def apply(self, features: np.ndarray) -> np.ndarray:
        """Subtract the mean, divide by the standard deviation.

        Parameters
        ----------
        features : uint8 array, shape (..., n_features)
            Intensities, 0 to 255.

        Returns
        -------
        float64 array of the same shape
            In standard deviations; over the training images, each column has
            mean 0 and standard deviation 1.
        """
        scaled: np.ndarray = (features - self.mean) / self.std
        return scaled
