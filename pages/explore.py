from ui.frame import notice, open_page
from ui.gallery import show_counts, show_gallery, show_skipped
from ui.guard import guard
from ui.imports import import_panel, report_import
from ui.pickers import choose_dataset, load_dataset

open_page("Explore", "A network learns what is in its pictures, so look at them first.")

import_panel()
report_import()

with guard():
    info = choose_dataset(with_link=False)
    if info is not None:
        dataset = load_dataset(info)
        show_counts(info)
        show_skipped(dataset)
        show_gallery(dataset)
        notice(
            "Are the classes equally large? If not, always answering the larger one already "
            "scores well. Is the animal always in the same place and of the same size? A dense "
            "network ties each weight to one place."
        )
