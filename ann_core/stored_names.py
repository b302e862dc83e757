"""Names that lie in people's files and registries, and differ from those in the code.

Run folders, archives, feature tables and the registry outlive the code that wrote them. What
an earlier version called by another word keeps that word on disk; here, and only here, the
two are put beside each other.
"""

from __future__ import annotations

# Files of a run, and members of an archive.
PREDICTIONS_FILE = "answers.npz"
EMBEDDINGS_FILE = "hidden.npz"
OOD_THRESHOLDS_FILE = "reach.json"

# Arrays in those files.
FEATURE_ROWS = "places"
UNITS = "nodes"
N_UNITS = "n_nodes"

# Folders of the data folder, and files in them.
PROFILES_DIR, PROFILE_FILE = "surveys", "survey.json"
IMAGES_DIR, IMAGES_FILE = "pictures", "pictures.csv"
UPLOADED_IMAGES_FILE = "pictures.json"
BASELINE_PREDICTIONS_FILE = "answers.npy"

# Columns, kinds and events of the registry.
REQUESTED = "want"
REQUESTED_AT = "asked"
PROFILE_KIND = "survey"
IMPORTED_EVENT = "brought"

# Outputs of an exported model: probabilities, and the values of its last hidden layer.
OUTPUT, HIDDEN = "answer", "hidden"
