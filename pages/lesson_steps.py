from ui.base.page import open_page
from ui.home.lesson import show_lesson

open_page(
    "Lesson",
    "Why is it a bad idea to flatten a picture? Five steps for a class, in 45 minutes. "
    "Each link opens the page where the step is taken; this page can be printed.",
)
show_lesson()
