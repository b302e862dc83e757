import streamlit as st

from ann_core.preprocessing import steps
from ui import pages
from ui.classifiers import finished_runs, open_classifier, test_picture
from ui.guard import guard
from ui.panels import show_prediction, show_steps
from ui.pickers import choose_run, picture_source

st.title("Predict")
st.markdown("A network always answers, also when it has never seen anything like your picture.")

with guard():
    run = choose_run(finished_runs())
    if run is None:
        st.info("No network has been trained yet.")
        st.page_link(pages.TRAIN, label="Train one", icon=":material/model_training:")
    else:
        classifier = open_classifier(run)
        left, right = st.columns([2, 3], gap="large")
        with left, guard():
            image = picture_source("predict", {"Test set": lambda: test_picture(run)})
        with right, guard():
            if image is not None:
                show_prediction(classifier.predict(image))
        if image is not None:
            st.subheader("What the network was given")
            show_steps(steps(image, classifier.preprocess))
