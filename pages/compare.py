from ui.base.errors import guard
from ui.base.page import notice, open_page
from ui.compare.comparison import show_comparison

open_page(
    "Compare",
    "A small difference between two networks may be chance, even if the table ranks them.",
)

with guard():
    show_comparison()
notice(
    "Train the same network with other seeds: the spread is what chance alone does. A network that "
    "is no better than a baseline of one number has not learned what is in the pictures."
)
