import streamlit as st

from ann_core.preprocessing import steps
from ui import pages
from ui.classifiers import finished_runs, open_classifier
from ui.frame import notice, open_page
from ui.guard import guard
from ui.panels import show_picture, show_prediction, show_steps
from ui.pickers import choose_run
from ui.pictures import picture_source, test_picture
from ui.prose import link_to

open_page(
    "Predict",
    "A network always answers, also when it has never seen anything like your picture.",
)

with guard():
    run = choose_run(finished_runs(), required=True)
    if run is None:
        st.info("No network has been trained yet.")
        link_to(pages.TRAIN, "Train one", icon=":material/model_training:")
    else:
        classifier = open_classifier(run)
        image = None
        left, right = st.columns([2, 3], gap="large")
        with left, guard():
            image = picture_source("predict", {"Test set": lambda: test_picture(run)})
        if image is not None:
            original, *later = steps(image, classifier.preprocess)
            with left:
                show_picture(original)
            with right:
                show_prediction(classifier.predict(image))
            st.header("What the network was given", anchor=False)
            show_steps(later)
            notice(
                "The bars always add up to 100 %: the network must choose among the classes it "
                "knows, even for a picture of your kitchen. A long bar says that it is sure, not "
                "that it is right."
            )
