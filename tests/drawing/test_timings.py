from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcgen.drawing.timings import NoTimings, Step, read

LOGS = Path(__file__).parent / "logs"
"""What Docker 28, with either store, buildx and Docker 20.10 wrote; shortened."""

ALL = sorted(path.name for path in LOGS.glob("*.log"))


def log(name: str) -> str:
    """A log as it was written."""
    return (LOGS / name).read_text(encoding="utf-8")


def shown(steps: tuple[Step, ...]) -> dict[str, tuple[float, str]]:
    """Stage and place of each step -> seconds and state."""
    return {f"{step.stage} {step.number}/{step.of}": (step.seconds, step.state) for step in steps}


@pytest.mark.parametrize(
    ("name", "steps", "seconds"),
    [
        ("docker28.log", 14, 6.2),
        ("containerd.log", 14, 6.3),
        ("docker20.log", 10, 5.0),
        ("buildx-cached.log", 14, 0.0),
        ("failed.log", 5, 1.2),
        ("platforms.log", 7, 1.2),
        ("single.log", 4, 0.6),
        ("blocks.log", 3, 0.8),
        ("split.log", 18, 13.4),
    ],
)
def test_logs_of_all_builders_are_read(name: str, steps: int, seconds: float) -> None:
    """Each step of a log is found once, with what it took."""
    found = read(log(name))
    assert len(found) == steps
    assert round(sum(step.seconds for step in found), 1) == seconds


def test_every_log_is_expected() -> None:
    """No log lies there unread."""
    assert len(ALL) == 9


def test_a_step_is_read_with_all_that_is_known_of_it() -> None:
    """A step has its stage, its place, its instruction, its seconds and how it ended, though another's lines stand between."""
    found = {(step.stage, step.number): step for step in read(log("docker28.log"))}
    assert found["ucx", 1] == Step("ucx", 1, 2, 'RUN echo hello from ucx; sleep 2; echo "#5 DONE 99.9s"', 2.1, "done")
    assert found["openmpi", 1].seconds == 1.1
    assert found["stage-6", 2].text == "COPY --from=devel /usr/local/ucx /usr/local/ucx"


def test_what_a_step_prints_is_no_progress() -> None:
    """Output that looks like a line of the log's own changes no step."""
    assert "DONE 99.9s" in log("docker28.log")
    assert shown(read(log("docker28.log")))["other 2/3"] == (1.1, "done")


def test_cached_steps_are_told() -> None:
    """Of a build in which nothing changed all steps are cached; bringing the base image is no work either."""
    found = read(log("buildx-cached.log"))
    assert {step.state for step in found if not step.is_base} == {"cached"}


def test_a_build_that_failed_is_read() -> None:
    """The step that failed, and the one that was stopped for it, are told from those that ended."""
    found = shown(read(log("failed.log")))
    assert found["one 2/3"] == (1.1, "done")
    assert found["one 3/3"] == (0.0, "failed")
    assert found["two 2/2"] == (0.0, "canceled")


def test_a_log_that_breaks_off_leaves_steps_running() -> None:
    """A step whose end is not in the log is running."""
    text = log("docker28.log")
    assert shown(read(text[: text.index("#7 DONE")]))["ucx 1/2"] == (0.0, "running")


def test_platforms_are_told() -> None:
    """Where several platforms are built, each step has its own, and one that is built elsewhere both."""
    found = {(step.scope, step.stage) for step in read(log("platforms.log"))}
    assert found == {("linux/amd64", "cross"), ("linux/amd64->arm64", "cross"), ("linux/amd64", "result"), ("linux/arm64", "result")}
    assert read("#1 [linux/arm64 2/3] RUN x")[0].stage == ""
    assert read("#1 [app linux/arm64 web 2/3] RUN x")[0] == Step("web", 2, 3, "RUN x", scope="app linux/arm64")


def test_a_stage_without_a_name_is_read() -> None:
    """The only stage of a file has no name, and blanks before its small numbers."""
    assert shown(read(log("single.log")))[" 2/10"] == (0.4, "done")


def test_blocks_are_read_from_markers() -> None:
    """The marker that hpcgen puts into each RUN, a chain or a script, tells whose step it is."""
    assert [step.block for step in read(log("blocks.log"))] == ["", "ucx 1.21.0", "openmpi 5.0.11"]
    assert read("#1 [a 1/1] RUN : hpcgen tool 3f4a64bcd485 && x")[0].block == "tool"


@pytest.mark.parametrize(
    ("text", "sources", "linked"),
    [
        ("COPY --from=ucx --link /a /b", ("ucx",), True),
        ("COPY --from=docker.io/library/debian:12 /a /b", ("docker.io/library/debian:12",), False),
        ("RUN --mount=type=bind,from=fftw,target=/f --mount=from=gnu,target=/g make", ("fftw", "gnu"), False),
        ("RUN --mount=type=cache,target=/c make", (), False),
        ("WORKDIR /--from=a", (), False),
    ],
)
def test_what_a_step_takes_is_read(text: str, sources: tuple[str, ...], linked: bool) -> None:
    """An instruction tells which stages and images it takes files from, and whether its layer waits for no other."""
    step = Step("a", 1, 1, text)
    assert (step.takes_from, step.is_linked) == (sources, linked)


def test_an_image_that_is_taken_in_two_goes_takes_the_longer() -> None:
    """A base image that is looked up first and unpacked later ends twice; the longer time counts."""
    assert read("#4 [a 1/2] FROM x\n#4 DONE 0.1s\n\n#4 [a 1/2] FROM x\n#4 extracting sha256:1 2.9s done\n#4 DONE 3.0s\n")[0].seconds == 3.0
    assert read("#4 [a 1/2] FROM x\n#4 DONE\n")[0].state == "done"


def test_the_last_build_of_a_log_counts() -> None:
    """A log that two builds were written to tells of the second one."""
    assert read(log("docker28.log") + log("single.log")) == read(log("single.log"))
    assert read(log("docker28.log") + log("docker20.log")) == read(log("docker20.log"))


@pytest.mark.parametrize("change", [lambda line: f"2026-03-01T10:20:30.1234567Z {line}", lambda line: f"{line}\r"], ids=["times", "CRLF"])
def test_logs_of_ci_systems_are_read(change: object) -> None:
    """A time before each line, or Windows' line ends, change nothing."""
    assert callable(change)
    text = log("docker28.log")
    assert read("\n".join(change(line) for line in text.split("\n"))) == read(text)


@pytest.mark.parametrize("text", ["", "Step 1/3 : FROM debian:12\n ---> 123\n", "#1 [internal] load build definition\n#1 DONE 0.0s\n", "\0\xff"])
def test_what_is_no_such_log_is_refused(text: str) -> None:
    """A text without any step is an error that says how such a log is made."""
    with pytest.raises(NoTimings) as fault:
        read(text)
    assert "--progress plain" in fault.value.help
    assert fault.value.status == 2


@given(st.lists(st.sampled_from(["#1 ", "[", "a 1/2", "] RUN x", "DONE 1.0s", "CACHED", "ERROR: x", "\n", "\r", "0.1 ", "#0 ", "x"])).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the reader fail in another way than by its own error."""
    with suppress(NoTimings):
        assert all(step.seconds >= 0 for step in read(text))


@given(st.text(alphabet=st.characters(exclude_characters="\n")))
def test_any_output_of_a_step_leaves_the_steps_as_they_are(output: str) -> None:
    """Whatever a step prints, what is read of it is the same."""
    before, after = log("docker28.log").split("#7 DONE", 1)
    assert read(f"{before}#7 1.234 {output}\n#7 DONE{after}") == read(log("docker28.log"))
