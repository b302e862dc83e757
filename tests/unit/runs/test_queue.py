"""Fairness between owners: by the rule itself, and by what the registry claims."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ann_core.runs.owners import new_owner_key
from ann_core.runs.queue import QueuedJob, queue_order
from ann_core.runs.registry import Registry
from tests.helpers.registry import submit

ANN, BOB, EVE = new_owner_key(), new_owner_key(), new_owner_key()


def waiting(*owners: str) -> list[QueuedJob]:
    return [QueuedJob(f"{owner}{n}", owner, float(n)) for n, owner in enumerate(owners)]


def test_one_owner_is_served_by_age() -> None:
    assert queue_order(reversed(waiting("a", "a", "a")), {}, {}) == ["a0", "a1", "a2"]


def test_owners_take_turns() -> None:
    line = queue_order(waiting("a", "a", "a", "b", "b", "c"), {}, {})

    assert line == ["a0", "b3", "c5", "a1", "b4", "a2"]


def test_who_has_a_run_at_work_waits_for_those_who_have_none() -> None:
    assert queue_order(waiting("a", "a", "b"), {"a": 1}, {}) == ["b2", "a0", "a1"]


def test_who_was_served_last_comes_after_the_others() -> None:
    assert queue_order(waiting("a", "a", "b", "b"), {}, {"a": 7.0, "b": 5.0}) == [
        *("b2", "a0", "b3", "a1"),
    ]


def test_ten_keys_at_one_address_are_no_ten_visitors() -> None:
    many = [QueuedJob(f"m{n}", f"m{n}", float(n), "school") for n in range(10)]
    honest = [QueuedJob("h0", "h", 10.0, "home"), QueuedJob("h1", "h", 11.0, "home")]
    unknown = [QueuedJob("u0", "u", 12.0)]
    line = queue_order([*many, *honest, *unknown], {}, {})
    assert line[:5] == ["m0", "h0", "u0", "m1", "h1"]
    assert line[5:] == [f"m{n}" for n in range(2, 10)], "and among themselves they take turns"
    assert queue_order([*many, *honest], {"school": 1}, {})[:2] == ["h0", "m0"]
    assert queue_order([*many, *honest], {}, {"home": 5.0})[:2] == ["m0", "h0"]


owners = st.sampled_from("abcd")
parties = st.sampled_from(["a", "b", "c", "d", "school", "home"])
ADDRESSES = {"a": "", "b": "school", "c": "school", "d": "home"}


@given(
    st.lists(owners, max_size=12),
    st.dictionaries(parties, st.integers(0, 3)),
    st.dictionaries(parties, st.floats(0, 1e9)),
)
def test_the_line_is_what_repeated_claims_would_serve(names, active, served) -> None:
    runs = [job._replace(address=ADDRESSES[job.owner]) for job in waiting(*names)]
    line = queue_order(runs, active, served)
    assert sorted(line) == sorted(run.run_id for run in runs)
    left, active, served = list(runs), dict(active), dict(served)
    clock = 2e9
    for run_id in line:
        assert queue_order(left, active, served)[0] == run_id
        owner, clock = run_id[0], clock + 1
        left = [run for run in left if run.run_id != run_id]
        for party in filter(None, (owner, ADDRESSES[owner])):
            active[party] = active.get(party, 0) + 1
            served[party] = clock


# In the registry


def test_a_second_visitor_is_among_the_first_two(registry: Registry) -> None:
    anns = {submit(registry, f"ann {n}", ANN).id for n in range(4)}
    bobs = submit(registry, "bob", BOB).id
    assert registry.queue_position(bobs) == 2

    first, second = registry.attempts.claim(2), registry.attempts.claim(2)
    assert first and second
    assert {first[0], second[0]} & anns
    assert bobs in {first[0], second[0]}
    assert registry.attempts.claim(2) is None


def test_with_one_slot_owners_take_turns(registry: Registry) -> None:
    owner_of = {submit(registry, f"ann {n}", ANN).id: "ann" for n in range(3)}
    owner_of |= {submit(registry, f"bob {n}", BOB).id: "bob" for n in range(2)}
    served = []
    while claimed := registry.attempts.claim(1):
        registry.attempts.start(*claimed, pid=1)
        if len(served) == 1:
            owner_of[submit(registry, "eve", EVE).id] = "eve"
        registry.attempts.finish(*claimed, "done")
        served.append(owner_of[claimed[0]])

    assert served == ["ann", "bob", "eve", "ann", "bob", "ann"]


def test_places_are_those_in_which_runs_are_claimed(registry: Registry) -> None:
    ids = [
        submit(registry, f"{n}", owner).id for n, owner in enumerate((ANN, ANN, BOB, ANN, EVE, BOB))
    ]
    positions = {run_id: registry.queue_position(run_id) for run_id in ids}
    assert sorted(positions.values()) == [1, 2, 3, 4, 5, 6]
    claimed = [registry.attempts.claim(100) for _ in ids]

    assert [run_id for run_id, _ in filter(None, claimed)] == sorted(ids, key=positions.__getitem__)
    assert [registry.queue_position(run_id) for run_id in ids] == [0] * 6
