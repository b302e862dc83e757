from ui.base.errors import guard
from ui.base.page import notice, open_page
from ui.base.pickers import choose_run, explain_no_network
from ui.base.sharing import share_run
from ui.results.export_panel import offer_archive_import, show_export
from ui.results.run_results import show_results

open_page(
    "Results",
    "A number on new pictures says little alone: how much of it would a coin have reached?",
)

with guard():
    run = choose_run(required=True)
    if run is None:
        explain_no_network()
    else:
        share_run(run)
        show_results(run)
        show_export(run)
        notice(
            "Look at the gap between training and test pictures: it is what was learned by heart. "
            "And look at the surest mistakes: a network that is sure is not always right."
        )
offer_archive_import()
