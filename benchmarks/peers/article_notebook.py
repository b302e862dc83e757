"""The article's notebook as a script: a table of numbers from 0 to 1, and Keras' `fit`.

``article_notebook.py TABLE NETWORK`` times the epochs, with the pixels of TABLE, so that every peer
learns from the same ones. ``article_notebook.py --pictures FOLDER`` does all that the notebook
does, from the files on, for the memory that it takes.
"""

import random
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from epochs import NETWORKS, keras_clock, load, options, report
from PIL import Image, ImageOps


def read_images(folder):
    """A row a picture: 9,216 numbers and the label; split by a throw for each picture."""
    random.seed(42)
    tables = {"train": [], "validation": [], "test": []}
    for label, class_name in enumerate(sorted(path.name for path in Path(folder).iterdir())):
        for path in sorted((Path(folder) / class_name).iterdir()):
            throw = random.random()
            split = "train" if throw <= 0.8 else "validation" if throw <= 0.9 else "test"
            image = ImageOps.grayscale(Image.open(path)).resize(size=(96, 96))
            tables[split].append([*(np.ravel(image) / 255.0), label])
    return {split: pd.DataFrame(rows) for split, rows in tables.items()}


def as_table(pixels, labels):
    """The same table from pixels that are there already."""
    return pd.DataFrame(np.column_stack([pixels / 255.0, labels]))


def inputs(table):
    """Pixels as they are, labels one-hot."""
    return table.iloc[:, :-1].values, keras.utils.to_categorical(table.iloc[:, -1].values)


def network(hidden_units, n_features, n_classes):
    model = keras.Sequential([keras.Input((n_features,))])
    for units in hidden_units:
        model.add(keras.layers.Dense(units, activation="relu"))
    model.add(keras.layers.Dense(n_classes, activation="softmax"))
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def train(tables, name, epochs):
    """Train, and return when each epoch ended."""
    hidden_units, batch_size = NETWORKS[name]
    x, y = inputs(tables["train"])
    model = network(hidden_units, x.shape[1], y.shape[1])
    clock, ends = keras_clock()
    model.fit(
        x,
        y,
        batch_size=batch_size,
        epochs=epochs,
        validation_data=inputs(tables["validation"]),
        callbacks=[clock],
        verbose=0,
    )
    return ends


if __name__ == "__main__":
    if sys.argv[1] == "--pictures":
        train(read_images(sys.argv[2]), "article", epochs=3)
    else:
        chosen = options()
        x, y, x_validation, y_validation = load(chosen.table)
        tables = {"train": as_table(x, y), "validation": as_table(x_validation, y_validation)}
        report(train(tables, chosen.network, chosen.epochs))
