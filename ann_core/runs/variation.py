"""What an experiment changes about a training, beside its settings; an ordinary run: nothing."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ann_core.config import Config


class VariationConfig(Config):
    """How the training pictures and the first layer are treated.

    Validation and test pictures stay as they are.

    Attributes
    ----------
    n_train : int
        How many pictures of the training split are learned from, as many of each class as can
        be; 0 takes all.
    labels : "true" or "shuffled"
        Shuffled, each training picture gets the label of another one, once and for all.
    order : "shuffled" or "by class"
        In which order an epoch goes through the training pictures: anew each time, or all of
        the first class and then all of the next.
    lasso : float
        Strength of β-LASSO on the first layer (`ann_core.training.beta_lasso`); 0: none.
    """

    n_train: int = Field(default=0, ge=0)
    labels: Literal["true", "shuffled"] = "true"
    order: Literal["shuffled", "by class"] = "shuffled"
    lasso: float = Field(default=0.0, ge=0.0, le=1.0)

    def text(self) -> str:
        """Say in a few words what is other than usual; "nothing" of an ordinary run."""
        parts = [f"{self.n_train:,} training pictures"] if self.n_train else []
        parts += ["labels shuffled"] if self.labels == "shuffled" else []
        parts += ["class after class"] if self.order == "by class" else []
        parts += [f"β-LASSO of {self.lasso:g} on the first layer"] if self.lasso else []
        return ", ".join(parts) or "nothing"


ORDINARY = VariationConfig()
