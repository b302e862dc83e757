"""The technical words of the pages, each in a plain sentence; explained in one place of a page."""

from __future__ import annotations

import streamlit as st

TERMS = {
    "accuracy": "The share of pictures that the network gets right.",
    "baseline": "A far simpler rule that a network must beat, such as always answering the same "
    "class.",
    "batch": "The pictures that the network looks at before it changes its weights once.",
    "by heart": "Learned by heart: right about pictures that it has seen, without a rule that "
    "holds for new ones.",
    "class": "A kind of picture that the network tells from others, such as cat or dog.",
    "confident": "How probable the network takes its own answer to be; 57% confident should mean "
    "right in 57 of 100 such cases.",
    "convolution": "A network whose layers look at small patches of neighbouring pixels, with the "
    "same weights everywhere in the picture.",
    "dense network": "A network in which every neuron is connected to every number of the layer "
    "before.",
    "epoch": "One pass through all training pictures.",
    "gray value": "How bright a pixel is: 0 is black, 255 is white.",
    "hidden layer": "Neurons side by side, between the picture and the answer.",
    "interval": "What was measured is a sample, so a range is given with it: 95 of 100 such ranges "
    "hold the true value.",
    "learning rate": "How far each step changes the weights.",
    "loss": "How wrong the network is, and how confident it is while wrong. Lower is better.",
    "neuron": "It multiplies each number that it gets by a weight, adds all up, and passes the sum "
    "on. Also called a node.",
    "parameter": "Any number that training changes: the weights, and one more for each neuron.",
    "pixel space": "Every picture as a point, with a coordinate for each pixel: near points have "
    "similar pixels.",
    "seed": "The number that all random choices follow from: the same seed gives the same network.",
    "split": "Pictures are divided: training pictures to learn from, validation pictures to choose "
    "settings by, test pictures to judge the result at the end.",
    "standard deviation": "How far values typically lie from their mean.",
    "weight": "A number that says how much one input counts for one neuron; training changes it.",
}
"""A sentence for each word. What belongs to a single control is explained in its tooltip."""

_NETWORK = ("dense network", "weight", "hidden layer")
_TRAINING = ("accuracy", "loss", "epoch", "batch", "learning rate", "by heart", "seed")
PAGES = {
    "Home": ("class", "dense network", "weight"),
    "Explore": (
        *("class", "split", "standard deviation", "pixel space"),
        *(*_NETWORK, "by heart", "confident", "seed"),
    ),
    "Preprocess": (
        *("class", "split", "gray value", "standard deviation"),
        *("dense network", "weight", "neuron"),
    ),
    "Train": (
        *("class", "split", *_NETWORK, "neuron", "parameter"),
        *(*_TRAINING, "standard deviation"),
    ),
    "Results": (
        *("class", "split", "confident", *_NETWORK, "neuron", "convolution"),
        *(*_TRAINING, "standard deviation", "interval"),
    ),
    "Compare": (
        *("class", "split", "baseline", "confident", "weight", "hidden layer", "parameter"),
        *(
            "accuracy",
            "loss",
            "epoch",
            "batch",
            "learning rate",
            "seed",
            "standard deviation",
            "interval",
        ),
    ),
    "Predict": ("class", "split", "confident", "gray value", "pixel space", *_NETWORK, "neuron"),
    "Experiments": (
        *("class", "split", "dense network", "weight", "convolution", "accuracy", "epoch"),
        *("batch", "by heart", "seed", "interval", "neuron"),
    ),
    "Lesson": ("class", "split", "dense network", "weight", "convolution", "epoch"),
}
"""The words that stand on each page, in the order in which they build on one another."""


def explain_words(page: str) -> None:
    """Offer what the technical words of a page mean."""
    with st.popover(
        "Words on this page", icon=":material/menu_book:", type="tertiary", key="words"
    ):
        st.markdown("\n".join(f"- **{word.capitalize()}**: {TERMS[word]}" for word in PAGES[page]))
