"""Keys of the session state and of the address, all of them, in one place.

A key that stands in the address is in people's bookmarks: its text stays as it is.
"""

from __future__ import annotations

# Shared by pages
RUN = "run"  # in the address
DATASET = "data"  # in the address
LAST_RUN = "last_run"
RUN_CHOICE = "run_choice"
SECOND_RUN = "second"  # in the address: a run to compare with
SECOND_RUN_CHOICE = "second_choice"
RUN_NAME = "run_name"
SUBMIT_KEY = "submit_key"
JOB = "job"  # in the address
FAILURE = "failure"  # of the last callback, kept by its session
IMAGE_NUMBER = "picture"  # in the address: its number in the data set, from 1
WATCHED_JOBS = "watched_work"  # ids of the session's jobs, and of the one in the address
FINISHED_JOBS = "arrived_work"  # those whose result the session knows
JOB_SUBMIT_KEY = "work_key"
OWNER_PROPOSED = "owner_proposed"
OWNER_ENTERED = "owner_entered"
OWNER_FIELD = "owner_field"
OWNER_KEEPER = "owner_keeper"
EXTRA_STEPS = "rungs"  # in the session: values that were asked for beyond the usual ones

# Compare
COMPARED_RUNS = "runs"  # in the address: ids, in the order in which they were chosen
COMPARED_ROWS = "compared_rows"
COMPARED_WRITTEN = "compared_written"  # what this session has put into the address
COMPARED_CLEARED = "compared_cleared"
COMPARE_PART = "beside"  # in the address
DISAGREEMENT_SIDE = "side"
DISAGREEMENT_PAGE = "side_page"
DISAGREEMENT_OPEN = "side_open"  # in the session: number of the image that is open
DISAGREEMENT_PAIR = "side_of"  # in the session: the two that the others are about
DISAGREEMENT_VIEW = "side_view"
DISAGREEMENT_SHEET = "side_sheet"
TABLE_SEARCH = "find"
TABLE_DATASET = "of"
TABLE_COLUMNS = "columns"
TABLE_BY_SEED = "by_seed"
RUN_TABLE = "compared_table"
REPEAT_SUBMIT_KEY = "repeat_key"

# Components
LARGE = "large"

# Explore
N_UPLOAD_CLASSES = "import_n_classes"
CAMERA_PHOTOS = "import_photos"  # taken by the camera: number of the class -> contents
CLASS_UPLOAD_NAME = "import_pictures_name"
GALLERY_CLASS = "class"
GALLERY_SPLIT = "split"
GALLERY_ISSUE = "issue"
GALLERY_PAGE = "page"
GALLERY_OPEN = (
    "open"  # number of the image that is open, from 1; Preprocess has one that never closes
)
GALLERY_DATASET = "gallery_of"  # in the session: the data set that the others are about
GALLERY_TURNED_TO = "turned_to"  # in the session: the open image whose page was turned to
GALLERY_VIEW = "picture_view"
GALLERY_SHEET = "contact_sheet"
IMPORT_STARTED = "import_started"  # in the session: the form may be cleared
IMPORT_PANEL = "import_panel"
IMPORT_PREFIX = "import_"  # of the keys of all controls of the panel
PIXEL_SPACE_POINT = "point"  # in the address: the chosen image, counted from 1
PIXEL_SPACE_DRAWING = "pixel_space_points"
EXPLORE_TAB = "look"  # in the address

# Predict
MANY_PREDICTIONS = "many_answers"  # in the session: what was asked last
PREDICT_TAB = "closer"  # in the address
TEST_NUMBER = "test_number"  # in the address

# Preprocess
OBLONG = "oblong"

# Results
CONFIDENCE_PART = "answers"  # in the address
CELL_TRUTH = "truth"
CELL_PREDICTED = "called"
CELLS_SHOWN = "cells"
ARCHIVE_UPLOAD = "open_upload"
ARCHIVE_PANEL = "open_panel"
ARCHIVE_STARTED = "open_started"  # in the session: the panel may close
ARCHIVE_TOKEN = "open_token"  # in the session: of the stored upload, by the id of the file
SNAPSHOT = "after"
UNIT_ORDER = "order"
UNIT_PAGE = "nodes"
SHOW_CHANGES = "changes"
PREDICTION_OPEN = "shown"  # number of the image that is open: its row in the data set, from 1
PREDICTION_PAGE = "sheet"  # page of the images
PREDICTION_VIEW = "answer_view"
PREDICTION_SHEET = "answers_sheet"
RESULTS_PART = "part"  # in the address
RESULTS_RUN = "results_of"  # in the session: the run that the choices on this page are about
UNIT_OPEN = "node"  # in the address: number of the node that is open, from 1
UNIT_VIEW = "node_view"
UNIT_SHEET = "nodes_sheet"

# Train
PRESET = "preset"
N_LAYERS = "n_layers"
