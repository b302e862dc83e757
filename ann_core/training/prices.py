"""What each kind of work costs, told from bills for several kinds at once."""

from __future__ import annotations

import numpy as np

_NOISE = 0.1  # of a bill: how far the same work, a second time, is off (natural logarithm)
_TOLERATED = 0.3  # what is farther off than that pulls no harder: something else was under way
_FADING = 0.95  # weight of a bill, compared with the one after it
_STEPS = 40


def fit_prices(
    amounts: np.ndarray, seconds: np.ndarray, prior: np.ndarray, *, spread: float
) -> np.ndarray:
    """Correct prices by bills: what a bill is mostly made of is corrected most.

    Finds the prices that make the bills about right and are not far from those known before,
    both in factors: a tenth is a tenth, of a second as of an hour. Bills all alike therefore
    say nothing of the price of what they hardly contain. It is the most probable answer
    (maximum a posteriori) where factors are log-normal, with Huber's weights for bills that
    are far off; found by Gauss-Newton steps.

    Parameters
    ----------
    amounts : float64 array, shape (n_bills, n_prices)
        How much of each kind of work was done; the newest bill first.
    seconds : float64 array, shape (n_bills,)
        What was paid.
    prior : float64 array, shape (n_prices,)
        The prices known before, each above 0.
    spread : float
        How far those may be off: the standard deviation of the natural logarithm.

    Returns
    -------
    float64 array, shape (n_prices,)
    """
    correction = np.zeros(len(prior))
    if not len(seconds):
        return prior * np.exp(correction)
    ridge = (_NOISE / spread) ** 2
    age = _FADING ** np.arange(len(seconds))
    for _ in range(_STEPS):
        parts = amounts * (prior * np.exp(correction))
        predicted = parts.sum(axis=1)
        off = np.log(seconds / predicted)
        shares = parts / predicted[:, np.newaxis]
        weights = age * np.minimum(1.0, _TOLERATED / np.maximum(np.abs(off), 1e-9))
        pull = shares.T @ (weights * off) - ridge * correction
        curvature = (shares * weights[:, np.newaxis]).T @ shares + ridge * np.eye(len(prior))
        step = np.linalg.solve(curvature, pull)
        correction += np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-6:
            break
    return prior * np.exp(correction)
