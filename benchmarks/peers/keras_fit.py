"""Keras' `fit` as somebody uses it who knows it: bytes in memory, scaled by the network itself.

``keras_fit.py TABLE NETWORK [--xla]``; with ``--xla`` the step is compiled by XLA.
"""

import keras
from epochs import NETWORKS, keras_clock, load, options, report


def network(hidden_units, n_features, *, xla):
    layers = [keras.Input((n_features,), dtype="uint8"), keras.layers.Rescaling(1 / 255)]
    layers += [keras.layers.Dense(units, activation="relu") for units in hidden_units]
    model = keras.Sequential([*layers, keras.layers.Dense(2, activation="softmax")])
    model.compile(
        optimizer="adam",
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=xla,
    )
    return model


if __name__ == "__main__":
    chosen = options("--xla")
    x, y, x_validation, y_validation = load(chosen.table)
    hidden_units, batch_size = NETWORKS[chosen.network]
    model = network(hidden_units, x.shape[1], xla=chosen.xla)
    clock, ends = keras_clock()
    model.fit(
        x,
        y,
        batch_size=batch_size,
        epochs=chosen.epochs,
        validation_data=(x_validation, y_validation),
        callbacks=[clock],
        verbose=0,
    )
    report(ends)
