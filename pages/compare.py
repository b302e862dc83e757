from ui.base.errors import guard
from ui.base.page import notice, open_page
from ui.compare.comparison import show_comparison

open_page(
    "Compare",
    "Two networks that differ by less than luck cannot be told apart, whatever the table says.",
)

with guard():
    show_comparison()
notice(
    "Train the same network with other seeds: the spread is what luck alone does. A network that "
    "is no better than a baseline of one number has not seen what is in the pictures."
)
