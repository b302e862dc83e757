"""Nonsense, warned of before it is trained: what is set in vain, and what cannot learn.

Every limit was tried out on the built-in images with the small preset; what went well on
both sets is not warned of.
"""

from __future__ import annotations

from collections.abc import Iterator

from ann_core.training.network_config import NetworkConfig

LONGEST_STEPS = {"adam": 0.1, "rmsprop": 0.1, "sgd": 1.0}
"""From these learning rates on, networks forgot faster than they learned, on any images."""

LONGEST_TOGETHER = {"adam": 200.0, "rmsprop": 20.0, "sgd": 200.0}
"""The same for the learning rate times the values of an image: in one step, all weights of a
node move at once, and its sum by all of them together."""

LONGEST_FOR_TANH = 2.0
"""Of the same product, with adam or rmsprop: then tanh answered 1 or -1 to every image."""

SHORTEST_STEPS = {"adam": 1e-5, "rmsprop": 1e-5, "sgd": 1e-4}
"""Up to these, ten epochs hardly moved the weights."""

DEEPEST_SIGMOID = 6
STRONGEST_L2 = 0.1
HIGHEST_DROPOUT = 0.8
FEWEST_IMAGES = 20  # a class


def check_hyperparameters(
    network: NetworkConfig, *, n_features: int, n_train: int, n_classes: int
) -> list[str]:
    """Say in a sentence each what makes no sense about a training, and what to do.

    Parameters
    ----------
    n_features : int
        Values of an image.
    n_train : int
        Training images.
    n_classes : int
        Classes to tell apart.

    Returns
    -------
    list of str
        What prevents learning first; empty if there is nothing to say.
    """
    return [
        *_about_steps(network, n_features),
        *_about_layers(network, n_classes),
        *_about_batches(network, n_train, n_classes),
        *_about_the_end(network),
    ]


def _about_steps(network: NetworkConfig, n_features: int) -> Iterator[str]:
    """Warn of steps too long or too short, and of pulls too strong."""
    rate, optimizer = network.learning_rate, network.optimizer
    together = rate * n_features
    if rate >= LONGEST_STEPS[optimizer] or together >= LONGEST_TOGETHER[optimizer]:
        yield (
            f"A learning rate of {rate:g} is usually too much for {optimizer} on pictures of "
            f"{n_features:,} values: the network forgets faster than it learns. Try a tenth of "
            "it, or less."
        )
    elif _saturates(network) and together >= LONGEST_FOR_TANH:
        yield (
            f"On pictures of {n_features:,} values, steps of {rate:g} can drive tanh to its ends, "
            "where its output is the same for every picture. Use relu, batch normalisation, or a "
            f"learning rate below {LONGEST_FOR_TANH / n_features:.1g}."
        )
    if rate <= SHORTEST_STEPS[optimizer]:
        yield (
            f"With a learning rate of {rate:g}, {optimizer} hardly moves the weights in a few "
            "epochs. Try ten times as much, or more."
        )
    if network.l2 >= STRONGEST_L2:
        yield (
            f"An L2 of {network.l2:g} can pull the weights to zero faster than the pictures move "
            "them, and then nothing is learned. Try a tenth of it, or less."
        )
    if network.hidden_units and network.dropout_rate >= HIGHEST_DROPOUT:
        yield (
            f"A dropout of {network.dropout_rate:.0%} silences nearly all of a layer, so "
            "little is learned. Half of it is plenty."
        )


def _saturates(network: NetworkConfig) -> bool:
    """Tell whether long steps would drive the first hidden layer to the ends of its answers."""
    tanh = bool(network.hidden_units) and network.activation == "tanh"
    return tanh and not network.batch_normalization and network.optimizer != "sgd"


def _about_layers(network: NetworkConfig, n_classes: int) -> Iterator[str]:
    """Warn of layers that let too little through, and of settings for layers not there."""
    units = network.hidden_units
    if not units:
        yield from _in_vain(network)
        return
    narrow = [number for number, n in enumerate(units, start=1) if n < n_classes]
    if narrow:
        yield (
            f"Hidden layer {narrow[0]} has fewer neurons than there are classes "
            f"({units[narrow[0] - 1]:,} for {n_classes:,}), and all that the next layer gets must "
            f"pass through it. Give it {n_classes:,} or more."
        )
    deep = network.activation == "sigmoid" and len(units) >= DEEPEST_SIGMOID
    if deep and not network.batch_normalization:
        yield (
            f"Through {len(units)} layers of sigmoid, hardly anything of an error reaches the "
            "first one. Use relu, batch normalisation or fewer layers."
        )
    if network.batch_normalization and network.batch_size == 1:
        yield (
            "Batch normalisation compares the pictures of a batch, and in a batch of one every "
            "sum becomes 0: nothing is learned. Use a larger batch."
        )


def _in_vain(network: NetworkConfig) -> Iterator[str]:
    usual = NetworkConfig()
    names = {
        "activation": "activation",
        "dropout_rate": "dropout",
        "batch_normalization": "batch normalisation",
    }
    idle = [
        name for field, name in names.items() if getattr(network, field) != getattr(usual, field)
    ]
    if idle:
        yield (
            f"Without a hidden layer, this has no effect: {', '.join(idle)}. Add a layer, or leave "
            "it out."
        )


def _about_batches(network: NetworkConfig, n_train: int, n_classes: int) -> Iterator[str]:
    """Warn of batches that leave no steps, and of images that leave no certainty."""
    if n_train <= network.batch_size:
        yield (
            f"All {n_train:,} training pictures fit into one batch of {network.batch_size:,}, so "
            "an epoch is a single step. Use a smaller batch."
        )
    if n_train < FEWEST_IMAGES * n_classes:
        yield (
            f"With {n_train:,} training pictures for {n_classes:,} classes, the network learns "
            f"them by heart before it sees what they share. Add {FEWEST_IMAGES} or more of "
            "each class."
        )


def _about_the_end(network: NetworkConfig) -> Iterator[str]:
    """Warn of a rule for stopping that cannot work, or works against the schedule."""
    patience = network.early_stopping_patience
    if not patience:
        return
    if patience + 1 >= network.epochs:
        yield (
            f"A training of {network.epochs:,} epochs ends before {patience:,} of them can pass "
            "without progress, so it never stops early. Allow more epochs, or wait for fewer."
        )
    elif network.schedule != "constant":
        yield (
            f"The {network.schedule} schedule takes its shortest steps in the last epochs, and "
            "early stopping may end the training before them. Use one or the other."
        )
