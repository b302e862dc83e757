"""What all peers that train have in common: networks by name, the table, a clock, the figure."""

import argparse
import time

import numpy as np

# Units of the hidden layers, and pictures a step: the app's presets of these names.
NETWORKS = {"article": ((2048, 1024, 1024, 128), 128), "small": ((128, 32), 32)}


def options(*switches):
    """Read the command line: ``TABLE NETWORK``, and what a peer can switch on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("table", help="npz file: train, train_labels, validation, ... as bytes")
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("--epochs", type=int, default=4)
    for switch in switches:
        parser.add_argument(switch, action="store_true")
    return parser.parse_args()


def load(path):
    """Pixels (uint8) and labels of training, pixels and labels of validation."""
    with np.load(path) as table:
        names = ("train", "train_labels", "validation", "validation_labels")
        return tuple(table[name] for name in names)


def report(ends):
    """Print the mean seconds of epochs 2 and later; `ends` holds when each epoch ended."""
    if len(ends) < 2:
        raise SystemExit("Expected two epochs at least: the first one compiles and warms up.")
    print((ends[-1] - ends[0]) / (len(ends) - 1))


def keras_clock():
    """Make a callback that notes when each epoch ended, and the list that it notes it in."""
    import keras

    ends = []
    callback = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter())
    )
    return callback, ends
