"""Where people's pictures go, who can see them and how long they stay: said in one place.

Every page that takes pictures says it in these words, worked out from the settings that decide
it; a test holds them against what happens.
"""

from __future__ import annotations

from typing import Literal

from ann_core.runs.ageing import SPARED_SECONDS
from ann_core.settings import Settings

Way = Literal["upload", "folder", "address", "archive", "question", "address question"]
"""How pictures come in: given by a browser to be imported, from a folder of the server, from an
address, in the archive of a run, or only to ask a network about them, also from an address."""

ERASED = (
    "Erasing takes the pictures and their names, and all that was made of them: tables of pixel "
    "values, thumbnails, what was found by looking for problems, baselines, and the test pictures "
    "and nearest training pictures that networks show. Networks keep their figures and their "
    "models."
)


def privacy_note(way: Way, settings: Settings) -> str:
    """Say where pictures that come in this way go, who can see them and how long they stay."""
    hosted = settings.profile == "hosted"
    if way == "question":
        return _QUESTION_HOSTED if hosted else _QUESTION_LOCAL
    if way == "address question":
        return f"{_FETCHED} {privacy_note('question', settings)}"
    if way == "archive":
        kept = _archive_stays(settings)
        who = _SEEN_HOSTED_RUN if hosted else _SEEN_LOCAL
        target = "on this server" if hosted else "on the computer that runs Flatland"
        return (
            f"The test pictures in the archive stay {target}, as small as the network saw them. "
            f"{who} {kept}"
        )
    return f"{_where(way, hosted)} {_SEEN_HOSTED if hosted else _SEEN_LOCAL} {_stays(settings)}"


def _where(way: Way, hosted: bool) -> str:
    target = (
        "to this server" if hosted else "into the data folder of the computer that runs Flatland"
    )
    if way == "folder":
        return f"The pictures are copied {target}; the folder stays as it is."
    if way == "address":
        computer = "this server" if hosted else "this computer"
        return (
            f"The pictures are copied {target}; who offers them sees that {computer} fetches them."
        )
    return f"Your pictures are copied {target}, and nowhere else."


def _stays(settings: Settings) -> str:
    days, most = settings.limits.dataset_age_days, settings.limits.disk_bytes
    if not days and not most:
        return "They stay until you erase them."
    hours = round(SPARED_SECONDS / 3600)
    short = f"after {hours} hours without use if there is no room left" if most else ""
    if not days:
        return f"They stay until you erase them, or are erased {short}."
    sooner = f", sooner only {short}" if short else ""
    return (
        f"They stay until you erase them, or until nobody has used them for {days:,} days{sooner}."
    )


def _archive_stays(settings: Settings) -> str:
    days = settings.limits.run_age_days
    if not days:
        return "They stay until you delete the network."
    return f"They stay until you delete the network, at most {days:,} days."


_SEEN_LOCAL = "Whoever can open this Flatland can see them."
_SEEN_HOSTED = (
    "You see them in this browser, and so do those to whom you give a link with pictures, and "
    "whoever runs the server."
)
_SEEN_HOSTED_RUN = "You see them, and so does whoever runs the server."
_FETCHED = "Whoever offers the picture sees that it is fetched from here."
_QUESTION_LOCAL = (
    "The picture is only looked at: it stays in the memory of the computer that runs Flatland, is "
    "kept on no disk, and is forgotten when you take it away or close this tab."
)
_QUESTION_HOSTED = (
    "The picture is only looked at: it stays in the memory of this server, where nobody else sees "
    "it, is kept on no disk, and is forgotten when you take it away or close this tab."
)
