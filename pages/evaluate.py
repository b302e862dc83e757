from ui.base.errors import guard
from ui.base.page import open_page
from ui.base.pickers import choose_run, explain_no_network
from ui.base.sharing import share_run
from ui.results.export_panel import offer_archive_import, show_export
from ui.results.run_results import show_results, show_summary

open_page(
    "Results",
    "An accuracy means little by itself: how much of it would guessing reach?",
)

with guard():
    run = choose_run(required=True)
    if run is None:
        explain_no_network()
    else:
        share_run(run)
        show_results(run)
        show_export(run)
        show_summary(run)
offer_archive_import()
