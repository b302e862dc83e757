"""Keys of the session state and of the address, all of them, in one place.

A key that stands in the address is in people's bookmarks: its text stays as it is. Keys that
only set one element apart from others, and that nobody reads or writes, stand beside it.
"""

from __future__ import annotations

# Shared by pages
RUN = "run"  # in the address
DATASET = "data"  # in the address
LAST_DATASET = "last_data"
LINK_KEY = "pictures"  # in the address: what a link to pictures gives along
LINK_KEYS = "link_keys"  # in the session: all that it came by
LAST_RUN = "last_run"
SEEN_RUNS = "seen_runs"
RUN_CHOICE = "run_choice"
SECOND_RUN = "second"  # in the address: a run to compare with
SECOND_RUN_CHOICE = "second_choice"
RUN_NAME = "run_name"
SUBMIT_KEY = "submit_key"
START_NOTICE = "start_notice"  # in the session: what to say of the run that was just started
JOB = "job"  # in the address
PRESSED = "pressed"  # in the session: key of a button, until the page asks for its press
FAILURE = "failure"  # of the last callback, kept by its session
IMAGE_NUMBER = "picture"  # in the address: its number in the data set, from 1
WATCHED_JOBS = "watched_work"  # ids of the session's jobs, and of the one in the address
FINISHED_JOBS = "arrived_work"  # those whose result the session knows
JOB_SUBMIT_KEY = "work_key"
OWNER_PROPOSED = "owner_proposed"
OWNER_ENTERED = "owner_entered"
OWNER_FIELD = "owner_field"
OWNER_KEEPER = "owner_keeper"
TEST_LOOKS = "test_looks"  # in the session: runs whose test results it has noted as seen
OPEN_PAGE = "open_page"  # in the session: the page that was opened last
HELD = "_held"  # ends the keys of uploads that pages are looking at
SET_COUNTS = "set_counts"  # in the session: how often a page set a choice to another value
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
TABLE_TESTS = "table_tests"
TABLE_HIDE_EQUAL = "table_hide_equal"
TABLE_BY_SEED = "by_seed"
REPEAT_SUBMIT_KEY = "repeat_key"
REPEAT_N = "repeat_n"

# Explore
N_UPLOAD_CLASSES = "import_n_classes"
CAMERA_PHOTOS = "import_photos"  # taken by the camera: number of the class -> contents
GALLERY_CLASS = "class"
GALLERY_SPLIT = "split"
GALLERY_ISSUE = "issue"
GALLERY_PAGE = "page"
GALLERY_OPEN = "open"  # number of the image that is open, from 1
GALLERY_DATASET = "gallery_of"  # in the session: the data set that the others are about
GALLERY_TURNED_TO = "turned_to"  # in the session: the open image whose page was turned to
GALLERY_VIEW = "picture_view"
GALLERY_SHEET = "contact_sheet"
ERASE_PANEL = "erase_panel"
STARTED_IMPORT = "started_import"  # in the session: id of the job, until it has ended
IMPORT_CLOSES = "closing_import"  # in the session: the panel is to be drawn closed
KEPT_FILES = "kept_files"
IMPORT_PANEL = "import_panel"
IMPORT_PREFIX = "import_"  # of the keys of all controls of the panel
IMPORT_ZIP = "import_zip"
IMPORT_FOLDER = "import_folder"
IMPORT_ADDRESS = "import_address"
IMPORT_PREVIEW = "import_preview"  # in the session: what was read from names, and of what
IMPORT_CAMERA = "import_camera"
PIXEL_SPACE_POINT = "point"  # in the address: the chosen image, counted from 1
PIXEL_SPACE_DRAWING = "pixel_space_points"
VERSION_STARTED = "version_started"  # in the session: field for the name of what was filed
MANAGE_PANEL = "manage_panel"
MANAGE_PART = "manage_part"
MANAGE_DELETE = "manage_delete_name"  # in the session: name of the data set to be deleted, if sure
GALLERY_TICKS = "gallery_ticks"
PROFILE_PANEL = "closer_look"
EXPLORE_TAB = "look"  # in the address
DEVIATIONS = "deviations"
CLASS_MEAN, CLASS_MEAN_LESS = "mean_of", "less"  # in the address: the classes to compare
ISSUE_KIND = "health"  # in the address
ISSUES_FLIPPED = "health_flipped"  # in the session: decided otherwise than by the rule

# Predict
MANY_PREDICTIONS = "many_answers"  # in the session: what was asked last
PREDICT_TAB = "closer"  # in the address
PREDICT_ABOUT = "ask"  # in the address: one image or many
WHAT_IF_MORE = "what_if_more"  # in the address
WHAT_IF_ANGLE = "what_if_angle"
WHAT_IF_ZOOM = "what_if_zoom"
WHAT_IF_BRIGHTNESS = "what_if_brightness"
WHAT_IF_MIRRORED = "what_if_mirrored"
WHAT_IF_FLIPPED = "what_if_flipped"
TEST_NUMBER = "test_number"  # in the address

# Preprocess
# The settings of a run go by the names of their fields in the configs, but for the image's size.
IMAGE_SIDE = "size"
IMAGE_WIDTH = "across"  # if it is not the height as well
OBLONG = "oblong"
MODE = "mode"
RESIZE = "resize"
RESAMPLE = "resample"
SCALING = "scaling"
PREPROCESS_TAB = "look"  # in the address
ROW_FIGURES = "figures"
PIXEL_ROW, PIXEL_COLUMN = "row", "column"  # in the address
FIRST_LAYER_UNITS = "first_layer"  # in the address

# Results
CONFIDENCE_PART = "answers"  # in the address
CELL_TRUTH = "truth"
CELL_PREDICTED = "called"
CELL_PANEL = "cell"  # in the address: whether the pictures of a cell are to be seen
SCORES_PANEL = "scores"
CELLS_SHOWN = "cells"
DOWNLOAD_PANEL = "download"
ARCHIVE_UPLOAD = "open_upload"
ARCHIVE_PANEL = "open_panel"
ARCHIVE_STARTED = "open_started"  # in the session: the panel may close
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

# Experiments
EXPERIMENT = "experiment"  # in the address: id
EXPERIMENT_KIND = "claim"  # in the address
EXPERIMENT_SUBMIT_KEY = "experiment_key"

# Folds that stay open: in the address
TRAIN_PART = "after_training"  # in the address
CHANGE_NETWORK = "change"
MORE_SETTINGS = "more_settings"
THRESHOLDS = "thresholds"
LAYER_VALUES = "layers_of_one"
WEIGHT_HISTOGRAMS = "weight_histograms"

# Lists whose titles may change while they are open.
NOTED_RUN = "noted"
REPEATED_RUN = "repeat"
SIDE_FIRST = "side_first"
SIDE_SECOND = "side_second"
CAMERA_CLASS = "import_camera_class"

# Train
PRESET = "preset"
N_LAYERS = "n_layers"
BATCH_NORMALIZATION = "batch_normalization"
SEED = "seed"


def quiz_answers(experiment_id: str) -> str:
    """Classes that a person has chosen for the pictures of this experiment, so far."""
    return f"quiz_{experiment_id}"


def experiment_bet(experiment: str) -> str:
    """Bet on the outcome of an experiment of this kind."""
    return f"bet_{experiment}"


def layer_width(number: int) -> str:
    """In the address: units of a hidden layer, counted from 1."""
    return f"width_{number}"


def bits_used(default: int) -> str:
    """In the address: bits that 16-bit images use, for data sets that say so many."""
    return f"bits_{default}"


def shifts(max_right: int, max_down: int) -> tuple[str, str]:
    """In the address: pixels to the right and down, for images on which so many are offered."""
    return f"shift_right_{max_right}", f"shift_down_{max_down}"


def line_width(line: int) -> str:
    """Where the row of an image with lines of this length is broken."""
    return f"wrap_{line}"


def import_name(way: str) -> str:
    """Name of the data set that is brought in, by the way on which it comes."""
    return f"{IMPORT_PREFIX}{way}_name"


def import_reading(way: str) -> str:
    """How folders and names of what is brought in are read."""
    return f"{IMPORT_PREFIX}{way}_reading"


def import_encoding(way: str) -> str:
    """In which encoding names in an archive that is brought in are read."""
    return f"{IMPORT_PREFIX}{way}_encoding"


def suggested_name(way: str) -> str:
    """Text that was filled in as its name, and that gives way to another suggestion."""
    return f"{import_name(way)}_suggested"


def kind_name(way: str, kind: str) -> str:
    """Name of a data set of this kind; each kind keeps its own."""
    return f"{import_name(way)}_{kind}"


def fetched_image(source: str) -> str:
    """In the session: address of the image that was fetched for a choice of images, and when."""
    return f"{source}_fetched"


def upload_class(number: int) -> str:
    """Name of a class, counted from 0, whose images are given by hand."""
    return f"{IMPORT_PREFIX}class_{number}"


def upload_of_class(number: int) -> str:
    """Images of a class that are given by hand."""
    return f"{IMPORT_PREFIX}files_{number}"


def version_name(form: str, dataset: str) -> str:
    """Name of the next version of a data set, in one of the forms that make one."""
    return f"{form}_name_{dataset}"


def ticked_images(fingerprint: str) -> str:
    """In the session: rows of a data set that are ticked in the gallery."""
    return f"ticked_{fingerprint}"


def erase_also(dataset: str) -> str:
    """Whether another data set goes with the one that is erased."""
    return f"erase_also_{dataset}"


def held(key: str) -> str:
    """Choice from a list whose titles may change."""
    return f"{key}_held"


def held_image(where: str) -> str:
    """In the session: the upload that is looked at, by the control that it came through."""
    return f"{where}{HELD}"


def issue_tick(fingerprint: str, kind: str, row: int) -> str:
    """Tick of an image with an issue."""
    return f"health_{fingerprint}_{kind}_{row}"


def run_name(run_id: str) -> str:
    """Field for the name of a run."""
    return f"name_{run_id}"


def run_notes(run_id: str) -> str:
    """Field for the notes of a run."""
    return f"notes_{run_id}"


def run_table(content: str) -> str:
    """Table of runs with this content: with another one it is another widget."""
    return f"compared_table_{content}"
