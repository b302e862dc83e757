import streamlit as st

from ann_core.steps import steps
from ui import pages
from ui.classifiers import open_classifier
from ui.frame import notice, open_page
from ui.guard import guard
from ui.panels import show_prediction
from ui.pickers import choose_run
from ui.pictures import picture_source, test_picture
from ui.prose import link_to
from ui.scaling import run_standardiser
from ui.steps import show_steps

open_page(
    "Predict",
    "A network always answers, also when it has never seen anything like your picture.",
)

with guard():
    run = choose_run(required=True)
    if run is None:
        st.info("No network has been trained yet.")
        link_to(pages.TRAIN, "Train one", icon=":material/model_training:")
    else:
        classifier = open_classifier(run)
        chosen = None
        left, right = st.columns([2, 3], gap="large")
        with left, guard():
            chosen = picture_source("predict", {"Test set": lambda: test_picture(run)})
        if chosen is not None:
            original, *later = steps(chosen.image, classifier.preprocess, run_standardiser(run))
            with left:
                show_steps([original])
            with right:
                show_prediction(classifier.predict(chosen.image))
            st.header("What the network was given", anchor=False)
            show_steps(later, original=original)
            notice(
                "The bars always add up to 100 %: the network must choose among the classes it "
                "knows, even for a picture of your kitchen. A long bar says that it is sure, not "
                "that it is right."
            )
