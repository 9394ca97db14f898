"""How a recipe runs: which names it finds, what it includes, and how its faults are collected."""

from __future__ import annotations

import io
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

import hpcgen
from hpcgen.errors import BrokenBlock, Cycle, HpcgenError, RecipeError, RecipeRaised, UnknownName, Unreachable, each
from hpcgen.graph.nodes import Comment, Raw, Run
from hpcgen.loading.loader import load
from hpcgen.loading.recipe import Request

if TYPE_CHECKING:
    from pathlib import Path

    from hpcgen.graph.stages import StageGraph

BASE = 'Stage0 += baseimage(image="debian:12")\n'


def plan(text: str, block_folders: tuple[str, ...] = ()) -> StageGraph:
    """The graph of a recipe's text."""
    return hpcgen.plan("recipe.py", text=BASE + textwrap.dedent(text), block_folders=block_folders)


def said(text: str) -> list[str]:
    """The commands of the first stage."""
    return [command for node in plan(text).stages[0].nodes if isinstance(node, Run) for command in node.commands]


def faults(text: str) -> list[str]:
    """What is wrong with a recipe, each with its place."""
    with pytest.raises(HpcgenError) as caught:
        plan(text)
    return [str(one) for one in each(caught.value)]


# --- names -------------------------------------------------------------------------------------------------------------------


def test_names_are_bound_everywhere_in_a_recipe() -> None:
    """Functions, lambdas, comprehensions, classes and conditions see primitives and what the recipe bound."""
    assert said("""
        prefix = "echo"

        def made(word):
            return shell(commands=[f"{prefix} {word}"])

        class Words:
            last = shell(commands=["echo class"])

        Stage0 += [made(number) for number in range(2)]
        Stage0 += (lambda: shell(commands=["echo lambda"]))()
        for word in ["loop"]:
            Stage0 += made(word)
        if True:
            Stage0 += Words.last
    """) == ["echo 0", "echo 1", "echo lambda", "echo loop", "echo class"]


def test_recipe_s_own_names_win() -> None:
    """A name that the recipe binds itself is its own, even if a primitive has it."""
    assert said("""
        def label(word):
            return shell(commands=[word])

        Stage0 += label("mine")
    """) == ["mine"]


def test_recipe_may_import_and_look_at_itself() -> None:
    """Imports, `from __future__` and a docstring work; the recipe is not __main__."""
    text = '"""Words."""\nfrom __future__ import annotations\nimport os.path\n'
    graph = hpcgen.plan("recipe.py", text=text + BASE + 'Stage0 += comment(os.path.join("a", "b") + __name__ + __file__)\n')
    assert graph.stages[0].nodes == (Comment("a/b__recipe__recipe.py"),)


def test_only_blocks_that_are_named_are_imported(tmp_path: Path) -> None:
    """A folder's block that no recipe names is not even read."""
    (tmp_path / "nobody_names_it.py").write_text("raise SystemExit", encoding="utf-8")
    load("recipe.py", Request(block_folders=(str(tmp_path),)), text=BASE)
    assert "hpcgen_blocks_nobody_names_it" not in sys.modules


def test_strings_lists_and_stages_are_added() -> None:
    """A stage takes strings, nested lists and other stages as well as blocks and primitives."""
    graph = plan("""
        other = Stage("other")
        other += comment("of other")
        Stage0 += ["text", [comment("nested"), [comment("deeper")]]]
        Stage0 += other
        other += baseimage(image="debian:12")
    """)
    assert graph.stages[0].nodes == (Raw("any", "text"), Comment("nested"), Comment("deeper"), Comment("of other"))


def test_stages_stand_in_order_of_first_use() -> None:
    """The order of a recipe's stages is that of their first use, not of their making."""
    graph = plan("""
        late, early = Stage("late"), Stage("early")
        early += baseimage(image="debian:12")
        late += baseimage(image="debian:12")
        Stage1 += baseimage(image="debian:12", name="last")
    """)
    assert [stage.name for stage in graph.stages] == ["stage0", "early", "late", "last"]


def test_userarg_is_a_dictionary_with_a_good_error() -> None:
    """USERARG gives what was passed, get() a default, and a missing one says how to pass it."""
    text = 'Stage0 += comment(USERARG.get("a", "default") + USERARG["b"])'
    graph = hpcgen.plan("recipe.py", text=BASE + text, userarg={"b": "given"})
    assert graph.stages[0].nodes == (Comment("defaultgiven"),)
    assert faults(text) == ["recipe.py:2: unknown name: USERARG['b'] was not given"]


# --- includes ----------------------------------------------------------------------------------------------------------------


def test_included_files_share_names_and_stand_beside_who_includes_them(tmp_path: Path) -> None:
    """An include's path is relative to the file that includes it, else to the recipe; names go both ways."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "inner.py").write_text("Stage0 += comment(word + ' inner')\n", encoding="utf-8")
    (tmp_path / "parts" / "outer.py").write_text("include('inner.py')\ninclude('top.py')\nmade = 'made'\n", encoding="utf-8")
    (tmp_path / "top.py").write_text("Stage0 += comment('top')\n", encoding="utf-8")
    (tmp_path / "recipe.py").write_text(BASE + "word = 'word'\ninclude('parts/outer.py')\nStage0 += comment(made)\n", encoding="utf-8")
    graph = hpcgen.plan(str(tmp_path / "recipe.py"))
    assert graph.stages[0].nodes == (Comment("word inner"), Comment("top"), Comment("made"))
    assert str(graph.stages[0].nodes[0].origin) == f"{tmp_path}/parts/inner.py:1"


def test_file_may_be_included_twice_but_not_by_itself(tmp_path: Path) -> None:
    """Including a file again is fine; a circle of includes is an error that shows it."""
    (tmp_path / "a.py").write_text("Stage0 += comment('a')\n", encoding="utf-8")
    (tmp_path / "recipe.py").write_text(BASE + "include('a.py')\ninclude('a.py')\n", encoding="utf-8")
    assert len(hpcgen.plan(str(tmp_path / "recipe.py")).stages[0].nodes) == 2
    (tmp_path / "recipe.py").write_text("include('a.py')\n", encoding="utf-8")
    (tmp_path / "a.py").write_text("include('./recipe.py')\n", encoding="utf-8")
    with pytest.raises(Cycle, match=r"recipe\.py -> .*a\.py -> .*recipe\.py"):
        hpcgen.plan(str(tmp_path / "recipe.py"))


def test_fault_of_an_included_file_is_shown_there(tmp_path: Path) -> None:
    """A fault in an included file has that file's line, and the including recipe goes on."""
    (tmp_path / "a.py").write_text("\nStage0 += nothing_known()\n", encoding="utf-8")
    (tmp_path / "recipe.py").write_text(BASE + "include('a.py')\nStage0 += shell()\n", encoding="utf-8")
    with pytest.raises(HpcgenError) as caught:
        hpcgen.plan(str(tmp_path / "recipe.py"))
    assert [str(one.origin) for one in each(caught.value)] == [f"{tmp_path}/a.py:2", f"{tmp_path}/recipe.py:3"]


# --- faults ------------------------------------------------------------------------------------------------------------------


def test_all_faults_are_reported_but_not_what_follows_from_them() -> None:
    """The loader goes on after a fault, and is quiet about names that the failed statement would have bound."""
    found = faults("""
        one = nothing_known()
        two = one.prefix
        Stage0 += shell(commands=[two])
        three, four = 1 / 0, 2
        Stage0 += shell(commands=[four])
        Stage0 += copy()
    """)
    assert found == [
        "recipe.py:3: unknown name: 'nothing_known'",
        "recipe.py:6: recipe raised: ZeroDivisionError: division by zero",
        "recipe.py:8: wrong value: copy without source or destination",
    ]


def test_innermost_line_of_the_recipe_is_shown() -> None:
    """A fault within a recipe's function is shown where the function makes it."""
    assert faults("""
        def made():
            return shell(comands=[])

        Stage0 += made()
    """) == ["recipe.py:4: unknown option: primitive 'shell' has no option 'comands'"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("raise NameError('mine')", "recipe raised: NameError: mine"),
        ("raise SystemExit(3)", "recipe raised: SystemExit: 3"),
        ("def f():\n    x += 1\nf()", "recipe raised: UnboundLocalError: cannot access local variable 'x' where it is not associated with a value"),
        ("import no_such_module", "recipe raised: ModuleNotFoundError: No module named 'no_such_module'"),
        ("f = lambda: f()\nf()", "recipe raised: RecursionError: maximum recursion depth exceeded"),
        ("return", "recipe: not Python: 'return' outside function"),
        ("x = \x00", "recipe: not Python: source code string cannot contain null bytes"),
        ("x = (", "recipe: not Python: '(' was never closed"),
        ("x = " + "-" * 100_000 + "1", "recipe: not Python: it is nested too deeply"),
    ],
    ids=lambda value: value[:20],
)
def test_what_a_recipe_does_wrong_is_never_our_bug(text: str, words: str) -> None:
    """Whatever a recipe raises, and whatever is not Python, is a fault of the recipe, at its line."""
    with pytest.raises(RecipeError) as caught:
        plan(text)
    assert f"{caught.value.kind}: {caught.value.sentence}" == words
    assert caught.value.origin is not None


def test_name_error_of_another_module_is_the_recipe_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that a recipe imports does not see the recipe's names: its own errors are told as they are."""
    (tmp_path / "helper_of_recipe.py").write_text("shell(commands=[])\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RecipeRaised, match="NameError: name 'shell' is not defined"):
        plan("import helper_of_recipe")


def test_interruption_is_not_collected() -> None:
    """Ctrl-C while a recipe runs ends it."""
    with pytest.raises(KeyboardInterrupt):
        plan("raise KeyboardInterrupt")


def test_lines_are_counted_as_python_counts_them() -> None:
    """Form feeds and Unicode's line separators within a line do not shift the lines of errors; carriage returns end lines."""
    with pytest.raises(UnknownName) as caught:
        hpcgen.plan("recipe.py", text=f'{BASE.strip()}\r\nx = "\f\u2028"\r\nStage0 += nothing_known()\r\n')
    assert str(caught.value.origin) == "recipe.py:3"
    assert caught.value.origin is not None
    assert caught.value.origin.excerpt() == "Stage0 += nothing_known()"


def test_empty_stage_is_a_fault() -> None:
    """A stage that the recipe makes and leaves empty is named at its line."""
    assert faults("x = Stage('debug')") == ["recipe.py:2: recipe: stage 'debug' is empty"]


# --- input -------------------------------------------------------------------------------------------------------------------


def test_marks_before_the_text_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte order mark is no part of a recipe, from a file and from standard input."""
    (tmp_path / "recipe.py").write_bytes(b"\xef\xbb\xbf" + BASE.encode())
    assert len(load(str(tmp_path / "recipe.py"), Request()).stages) == 1
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + BASE.encode())))
    assert len(load("-", Request()).stages) == 1


@pytest.mark.parametrize("file", ["latin.py", "-", "folder", "nowhere.py"])
def test_unreadable_recipe_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    """A recipe that is no UTF-8, a folder, or not there, is an error that says so."""
    (tmp_path / "latin.py").write_bytes(b'x = "\xff"')
    (tmp_path / "folder").mkdir()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff")))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unreachable):
        load(file, Request())


def test_print_of_a_recipe_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """What a recipe prints is not mixed with what hpcgen writes."""
    plan('print("a", "b", sep="-")')
    assert capsys.readouterr() == ("", "a-b\n")


def test_recipes_in_threads_do_not_meet() -> None:
    """Recipes that run at once have stages and names of their own."""

    def one(number: int) -> tuple[object, ...]:
        return plan(f"word = '{number}'\n" + "Stage0 += comment(word)\n" * 20).stages[0].nodes

    with ThreadPoolExecutor(8) as pool:
        for number, nodes in enumerate(pool.map(one, range(40))):
            assert nodes == (Comment(str(number)),) * 20


def test_world_is_left_as_it_was() -> None:
    """Running a recipe binds nothing outside of it."""
    before = set(vars(sys.modules["builtins"]))
    plan("x = 1")
    assert set(vars(sys.modules["builtins"])) == before
    with pytest.raises(UnknownName):
        plan("Stage0 += comment(str(x))")


def test_broken_block_is_shown_at_the_line_that_names_it(tmp_path: Path) -> None:
    """A block that cannot be imported is an error with its file's name and the recipe's line; what follows from it is not said."""
    (tmp_path / "broken.py").write_text("import no_such_module\n", encoding="utf-8")
    with pytest.raises(BrokenBlock, match=r"block file '.*broken\.py' cannot be imported: ModuleNotFoundError") as caught:
        plan("x = broken()\nStage0 += x\nStage0 += broken()\n", block_folders=(str(tmp_path),))
    assert str(caught.value.origin) == "recipe.py:2"
