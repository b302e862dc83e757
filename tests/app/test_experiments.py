"""The page of experiments: a bet comes before the start, and a link shows the outcome to others."""

from __future__ import annotations

from pathlib import Path

from ann_core.datasets.dataset import DatasetInfo
from ann_core.experiments.catalog import EXPERIMENTS
from ann_core.experiments.conclusion import Conclusion, Example, Figure, Number, share_line
from ann_core.runs.job_types import ImportConfig
from ann_core.runs.owners import OPERATOR, new_owner_key
from tests.app.conftest import OpenPage
from tests.helpers.app_text import captions, explains_its_words, page_text
from tests.helpers.runs import make_dataset
from ui.base import keys, services

CONCLUSION = Conclusion(
    outcome="both",
    holds=False,
    sentence="Both fall from 90.0% to 60.0%.",
    figure=Figure(
        x_title="epoch",
        y_title="validation accuracy",
        chance=0.5,
        lines=(share_line("dense", [1, 2], [0.5, 0.6], n_images=20),),
    ),
    numbers=(Number(what="dense", value=0.9, low=0.8, high=0.95, about="18 of 20 test pictures"),),
    examples=(Example(row=1, truth="dark", before="dark", after="bright"),),
)


def test_every_experiment_says_its_claim_and_waits_for_a_bet(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    page = open_page("experiment")
    for key, experiment in EXPERIMENTS.items():
        if key != "scramble":
            page.segmented_control(key="claim").set_value(key).run()
        assert page_text(page) == []
        assert any(experiment.claim in text.value for text in page.markdown)
        waits = "draw_cartoons" if experiment.draws else "begin_experiment"
        assert page.button(key=waits).disabled != experiment.draws
        explains_its_words(page, "Experiments")
        assert [bet.label for bet in experiment.bets] == page.radio(key=f"bet_{key}").options


def test_from_the_bet_to_the_link(open_page: OpenPage, data_dir: Path) -> None:
    make_dataset(data_dir, n_images=60)
    page = open_page("experiment")
    page.radio(key="bet_scramble").set_value("both").run()
    page.button(key="begin_experiment").click().run()

    [record] = services.registry().experiments.recent(owner=OPERATOR)
    assert page.query_params["experiment"] in (record.id, [record.id])
    assert page.progress[0].text == "0 of 4 networks are trained"
    assert "Your bet: Both get worse." in captions(page)
    assert len(services.registry().recent()) == 4

    friend = open_page("experiment", experiment=record.id)
    friend.radio(key="bet_scramble").set_value("neither").run()
    services.registry().experiments.bet(record.id, "neither", by=new_owner_key())
    services.registry().experiments.conclude(record.id, CONCLUSION.model_dump(mode="json"))
    page.run()
    assert any("The claim did not hold here." in each.value for each in page.warning)
    assert any("That is what came out." in text.value for text in page.markdown)
    explains_its_words(page, "Experiments")
    [image] = [each for each in page.get("image") if "then" in each.proto.imgs[0].caption]
    assert image.proto.imgs[0].caption == "dark\\: predicted dark, then bright"
    alts = [chart.proto.alt for chart in page.get("vega_lite_chart")]
    assert "validation accuracy. dense: 60.0%" in alts
    assert any("Both get worse: 1" in alt and "Neither gets worse: 1" in alt for alt in alts)


def test_it_starts_with_what_is_chosen_at_the_click(open_page: OpenPage, data_dir: Path) -> None:
    make_dataset(data_dir, "one", n_images=60)
    make_dataset(data_dir, "other", n_images=60)
    page = open_page("experiment", data="one")
    page.radio(key="bet_scramble").set_value("both").run()
    page.selectbox(key=keys.DATASET).set_value("other")  # the page has not been drawn with it
    page.button(key="begin_experiment").click().run()
    assert page_text(page) == []
    [record] = services.registry().experiments.recent(owner=OPERATOR)
    assert record.dataset == "other"


def test_cartoons_are_drawn_as_the_sliders_say_at_the_click(
    open_page: OpenPage, data_dir: Path
) -> None:
    page = open_page("experiment", claim="moved")
    page.slider(key="shift").set_value(10)
    page.button(key="draw_cartoons").click().run()
    assert page_text(page) == []
    drawn = [job.config for job in services.registry().data_jobs()]
    imports = [each for each in drawn if isinstance(each, ImportConfig)]
    shifts = [each.cartoons.shift for each in imports if each.cartoons is not None]
    assert sorted(shifts) == [0, 0.1]


def test_a_person_labels_pictures_by_button_or_key(open_page: OpenPage, data_dir: Path) -> None:
    make_dataset(data_dir, n_images=60)
    page = open_page("experiment")
    page.segmented_control(key="claim").set_value("you").run()
    page.radio(key="bet_you").set_value("alike").run()
    page.button(key="begin_experiment").click().run()
    [record] = services.registry().experiments.recent(owner=OPERATOR)

    assert page.progress[0].text == "Picture 1 of 6, as they are"
    shortcuts = [page.button(key=f"class_{index}").proto.shortcut for index in range(2)]
    assert shortcuts == ["1", "2"]
    for _ in range(6):
        page.button(key="class_0").click().run()
    assert page.progress[0].text == "Picture 1 of 6, scrambled"
    for _ in range(6):
        page.button(key="class_1").click().run()
    assert any("You have labelled all 12 pictures" in each.value for each in page.info)

    examples = tuple(Example(row=1, truth="dark", before="bright", after="") for _ in range(12))
    result = CONCLUSION.model_copy(update={"outcome": "alike", "examples": examples})
    services.registry().experiments.conclude(record.id, result.model_dump(mode="json"))
    page.run()
    texts = [text.value for text in page.markdown]
    assert any("On pictures as they are, you got 0% right" in text for text in texts)
    assert any("On scrambled pictures you got 100% right" in text for text in texts)
    page.button(key="again").click().run()
    assert page.progress[0].text == "Picture 1 of 6, as they are"


def test_a_link_opens_an_experiment_by_its_name_or_title(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    for claim, key in (("push", "push"), ("Smallest push", "push"), ("nothing", "scramble")):
        page = open_page("experiment", claim=claim)
        assert page.segmented_control(key="claim").value == key


def test_a_link_that_leads_nowhere_says_so(open_page: OpenPage) -> None:
    for link in ("AAAAAAAAAAAAAAA1", "nonsense"):
        page = open_page("experiment", experiment=link)
        assert len(page.error) == 1 and not page.exception
