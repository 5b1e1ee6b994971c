"""The command line as a person uses it: exit status, one sentence on standard error, files by their ending."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import symopt
from symopt import cli
from symopt.reading import read_expression, read_relation

PARABOLOIDS = "(p-1)*x^2 + (p+1)*y^2"


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command line here; gives exit status, standard output and standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            status = cli.main(arguments)
        except SystemExit as stop:  # argparse's way out
            status = stop.code  # type: ignore[assignment]
        out, err = capsys.readouterr()
        return status, out, err

    return run


def strings_in(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, entry in value.items():
            if isinstance(entry, str):
                yield key, entry
            else:
                yield from strings_in(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from strings_in(entry)


def test_solve_prints_the_worked_answer(ask: Any) -> None:
    status, out, err = ask("solve", PARABOLOIDS, "--variables", "x,y")
    assert (status, err) == (0, "")
    for title in (
        "Problem",
        "Derivatives",
        "Stationary points",
        "Convexity",
        "Global minimum",
        "Global maximum",
    ):
        assert f"{title}\n{'-' * len(title)}" in out


def test_solve_as_json_has_every_answer_for_every_p(ask: Any) -> None:
    status, out, _ = ask("solve", PARABOLOIDS, "--variables", "x,y", "--format", "json")
    answer = json.loads(out)
    assert status == 0
    assert list(answer) == ["problem", "derivatives", "stationary_points", "convexity", "minimum", "maximum"]
    kinds = {case["condition"]: case["points"][0]["kind"] for case in answer["stationary_points"]["cases"]}
    assert kinds["p > 1"] == "minimum"
    assert kinds["Eq(p, 1)"] == "minimum"
    assert kinds["(p > -1) & (p < 1)"] == "saddle"
    assert kinds["Eq(p, -1)"] == "maximum"
    assert kinds["p < -1"] == "maximum"


@pytest.mark.parametrize(
    "problem",
    [
        (PARABOLOIDS, "--variables", "x,y"),
        ("x*log(x) + beta*x", "--variables", "x"),
        ("sqrt(x) + x^2/pi", "--subject-to", "x >= 1"),
        ("x^4 + a*x^2", "--variables", "x"),
    ],
    ids=str,
)
def test_every_expression_in_the_json_is_read_back(ask: Any, problem: tuple[str, ...]) -> None:
    _, out, _ = ask("solve", *problem, "--format", "json")
    answer = json.loads(out)
    read = 0
    for case in [case for part in answer.values() if "cases" in part for case in part["cases"]]:
        read_relation(case["condition"])
        if isinstance(case.get("value"), str):
            read_expression(case["value"], infinity=True)
        for point in case.get("points") or case.get("at") or ():
            for text in point["at"].values():
                read_expression(text)
                read += 1
    for text in [
        entry
        for row in (answer["derivatives"]["gradient"], *answer["derivatives"]["hessian"])
        for entry in row
    ]:
        read_expression(text)
        read += 1
    for text in [*answer["problem"]["region"], *answer["problem"]["assumptions"]]:
        read_relation(text)
    assert read >= 2
    for key, text in strings_in(answer):
        assert "Float" not in text, key


def test_one_question_one_answer(ask: Any) -> None:
    status, out, _ = ask("convexity", "x*log(x)", "--format", "json")
    (case,) = json.loads(out)["cases"]
    assert (status, case["kind"], case["strict"]) == (0, "convex", True)
    assert "cases" in json.loads(ask("stationary", "x^2", "--format", "json")[1])
    assert json.loads(ask("derivatives", "x^2", "--format", "json")[1])["gradient"] == ["2*x"]
    assert json.loads(ask("maximum", "x^2", "--format", "json")[1])["cases"][0]["value"] == "oo"


def test_formats(ask: Any) -> None:
    assert "$" in ask("derivatives", "x^2", "--format", "markdown")[1]
    assert "\\[" in ask("derivatives", "x^2", "--format", "latex")[1]
    full = ask("stationary", "x^3 - 3*x", "--detail", "full")[1]
    assert len(full) > len(ask("stationary", "x^3 - 3*x", "--detail", "answer")[1])


def test_restrictions_values_and_sense(ask: Any) -> None:
    arguments = ("minimum", "p*x", "--variables", "x", "--parameters", "p", "--subject-to", "0 <= x", "--subject-to",
                 "x <= 2", "--assuming", "p > 0", "--format", "json")  # fmt: skip
    (case,) = json.loads(ask(*arguments)[1])["cases"]
    assert case["value"] == "0"
    (case,) = json.loads(ask(*arguments, "--set", "p=1/3", "--sense", "max")[1])["cases"]
    assert case["value"] == "0"


def test_text_that_begins_with_a_minus_is_no_option(ask: Any) -> None:
    (case,) = json.loads(ask("maximum", "-x^2", "--format", "json")[1])["cases"]
    assert case["value"] == "0"
    (case,) = json.loads(ask("minimum", "x^2", "--subject-to", "-x>=1", "--format", "json")[1])["cases"]
    assert case["value"] == "1"
    status, out, _ = ask("run", "x^2 + y^2", "--start", "-1,1", "--step-size", "1/4", "--format", "json")
    assert status == 0
    assert json.loads(out)["path"][0] == [-1.0, 1.0]


def test_the_objective_from_standard_input(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("(x - 1)^2 + 2\n"))
    (case,) = json.loads(ask("minimum", "-", "--format", "json")[1])["cases"]
    assert case["value"] == "2"


def test_run(ask: Any) -> None:
    start = ("run", PARABOLOIDS, "--variables", "x,y", "--start", "1,1", "--step-size", "1/10")
    status, out, err = ask(*start, "--set", "p=2", "--method", "gd")
    assert (status, err) == (0, "")
    assert "Converged" in out
    status, out, _ = ask(*start, "--set", "p=0")
    assert status == 1
    assert "Diverged" in out
    status, out, _ = ask(*start, "--set", "p=2", "--max-iterations", "3", "--format", "json")
    assert (status, json.loads(out)["nit"]) == (1, 3)
    status, out, _ = ask(
        *("run", "(t - 3)^2", "--start", "0", "--method", "momentum", "--beta", "1/2"),
        *("--step-size", "1/10", "--tolerance", "1e-6", "--format", "json"),
    )
    assert status == 0
    assert json.loads(out)["x"] == pytest.approx([3.0], abs=1e-6)


def test_files_by_their_ending(ask: Any, tmp_path: Path) -> None:
    beginnings = {
        ".txt": b"Problem",
        ".md": b"### Problem",
        ".tex": b"\\documentclass",
        ".json": b"{",
        ".png": b"\x89PNG",
    }
    for ending, beginning in beginnings.items():
        file = tmp_path / f"answer{ending}"
        assert ask("solve", "x^2 + y^2", "--out", str(file)) == (0, "", "")
        assert file.read_bytes().startswith(beginning)
    for ending, beginning in {".png": b"\x89PNG", ".pdf": b"%PDF"}.items():
        file = tmp_path / f"picture{ending}"
        assert ask("plot", "x^2 + y^2", "--out", str(file)) == (0, "", "")
        assert file.read_bytes().startswith(beginning)
        bare = file.stat().st_size
        run = ("run", "x^2 + y^2", "--start", "1,2", "--step-size", "1/10")
        assert ask(*run, "--out", str(file))[0] == 0
        assert file.read_bytes().startswith(beginning)
        assert file.stat().st_size != bare  # the path is drawn


@pytest.mark.parametrize("decided", [True, False])
def test_status_1_when_some_case_is_undecided(
    ask: Any, monkeypatch: pytest.MonkeyPatch, decided: bool
) -> None:
    answer = SimpleNamespace(decided=decided, to_dict=lambda: {"cases": []})
    monkeypatch.setattr(symopt.Problem, "minimum", lambda problem, timeout: answer)
    assert ask("minimum", "x^2", "--format", "json") == (0 if decided else 1, '{\n  "cases": []\n}\n', "")


@pytest.mark.slow
def test_the_status_agrees_with_the_evidence(ask: Any) -> None:
    hard = ("minimum", "sin(x) + cos(x*y)", "--subject-to", "x^2 + y^2 <= 1", "--format", "json")
    for question in (hard, ("minimum", "x^2", "--format", "json")):
        status, out, _ = ask(*question)
        undecided = [c for c in json.loads(out)["cases"] if c["evidence"]["status"] == "undecided"]
        assert status == (1 if undecided else 0)


BAD_INPUT = [
    (("solve", "2x"), "write 2*x (at column 2)\n2x\n ^\n"),
    (("solve", "1 + sin x"), "write sin(x) (at column 5)\n1 + sin x\n    ^\n"),
    (("solve", "__import__('os')"), "column 1"),
    (("solve", "x.__class__"), "column 2"),
    (("solve", "9**9**9"), "too many digits"),
    (("solve", "(" * 50_000), "nested"),
    (("solve", "+" * 200_000), "200000 characters"),
    (("solve", ""), "the text ends"),
    (("solve", "5"), "no variable"),
    (("solve", "log(-1 - x^2)"), "nowhere defined"),
    (("solve", "x", "--variables", "x,2"), "a name is expected"),
    (("solve", "x*y", "--variables", "x", "--parameters", "p"), "y is neither a variable nor a parameter"),
    (("solve", "x", "--subject-to", "x >="), "the text ends"),
    (("solve", "x", "--subject-to", "x + 1"), "a relation is expected"),
    (("solve", "x", "--assuming", "x > 1"), "subject_to"),
    (("solve", "p*x", "--variables", "x", "--set", "p"), "p=2"),
    (("solve", "p*x", "--variables", "x", "--set", "p=q"), "not a number"),
    (("solve", "p*x", "--variables", "x", "--set", "p=1/0"), "not a number"),
    (("solve", "p*x", "--variables", "x", "--set", "p=1,p=2"), "two values"),
    (("solve", "x", "--set", "p=1"), "not a parameter"),
    (("solve", "x", "--format", "pdf"), "invalid choice"),
    (("solve", "x", "--timeout", "-1"), "positive number of seconds"),
    (("solve", "x", "--timeout", "soon"), "positive number of seconds"),
    (("solve", "x", "--out", "answer.doc"), ".tex"),
    (("solve", "x", "--out", "/no/such/folder/answer.txt"), "/no/such/folder"),
    (("solve", "x", "--out", "/no/such/folder/answer.json"), "/no/such/folder"),
    (("plot", "x"), "--out picture.png"),
    (("plot", "x", "--out", "picture.txt"), "should end in .png or .pdf"),
    (("plot", "p*x+q", "--variables", "x", "--out", "never.png"), "--set p=2 --set q=2"),
    (("solve", "p*x+q", "--variables", "x", "--out", "never.png"), "--set p=2 --set q=2"),
    (("solve", "p*x^2", "--variables", "x", "--assuming", "p > 1 and p < 0"), "contradict each other"),
    (("solve", "p*x^2", "--variables", "x", "--assuming", "p^2 < 0"), "holds for no value"),
    (("solve", "x", "--out", "/dev/null/answer.txt"), "not a folder"),
    (("solve", "x", "--out", "/"), "should end in"),
    (("plot", "x*y*z", "--out", "never.png"), "two variables"),
    (("run", "x^2"), "--start"),
    (("run", "x^2", "--start", "one"), "'one'"),
    (("run", "x^2", "--start", "1/0"), "'1/0'"),
    (("run", "x^2", "--start", "1,2"), "starting point"),
    (("run", "p*x^2", "--variables", "x", "--start", "1"), "--set p=2"),
    (("run", "x^2", "--start", "1", "--method", "magic"), "magic"),
    (("run", "x^2", "--start", "1", "--step-size", "-1"), "positive"),
    (("run", "x^2", "--start", "1", "--max-iterations", "many"), "many"),
    ((), "required"),
    (("dance",), "invalid choice"),
    (("solve",), "objective"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD_INPUT, ids=lambda value: str(value)[:60])
def test_bad_input_is_one_sentence_and_status_2(ask: Any, arguments: tuple[str, ...], message: str) -> None:
    status, out, err = ask(*arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert err.startswith("symopt: ")
    sentence, *pointer = err.splitlines()
    assert len(sentence) < 300
    assert not pointer or (len(pointer) == 2 and pointer[1].strip() == "^")


QUICK = [
    (("solve", "2x"), ""),
    (("solve", "1 + sin x"), ""),
    (("solve", "__import__('os')"), ""),
    (("solve", "x.__class__"), ""),
    (("solve", "9**9**9"), ""),
    (("solve", "(" * 100_000), ""),
    (("solve", "-"), "x" * 1_000_000),
    (("solve", "-"), "(" * 1_000_000),
    (("solve", "-"), "sin(" * 90 + "x" + ")" * 90),
    (("solve", "x", "--variables", "x,2"), ""),
    (("solve", "p*x", "--variables", "x", "--assuming", "p >"), ""),
    (("solve", "p*x", "--variables", "x", "--set", "p"), ""),
    (("solve", "x", "--out", "answer.doc"), ""),
    (("solve", "x", "--out", "/no/such/folder/answer.tex"), ""),
    (("run", "x^2", "--start", "one"), ""),
]


@pytest.mark.parametrize(("arguments", "typed"), QUICK, ids=lambda value: str(value)[:60])
def test_what_the_grammar_refuses_does_not_wait_for_sympy(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    typed: str,
) -> None:
    """Problem is the door to SymPy: it is not even asked for."""
    monkeypatch.setattr(symopt, "Problem", None)
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert cli.main(arguments) == 2
    assert capsys.readouterr().err.startswith("symopt: ")


def test_the_grammar_is_checked_without_sympy() -> None:
    script = "import sys; from symopt.cli import main; print(main(sys.argv[1:]), 'sympy' in sys.modules)"
    for bad in ("2x", "__import__('os')", "(" * 100_000):
        command = [sys.executable, "-c", script, "solve", bad]
        run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert run.stdout == "2 False\n"


@pytest.mark.slow
def test_a_picture_of_each_case_of_a_parameter(ask: Any, tmp_path: Path) -> None:
    for command in ("solve", "plot"):
        file = tmp_path / f"{command}.png"
        assert ask(command, PARABOLOIDS, "--variables", "x,y", "--out", str(file)) == (0, "", "")
        assert file.read_bytes().startswith(b"\x89PNG")


def test_a_run_as_a_file(ask: Any, tmp_path: Path) -> None:
    run = ("run", "(t - 3)^2", "--start", "0", "--step-size", "1/4", "--max-iterations", "3")
    beginnings = {
        ".tex": "\\documentclass",
        ".md": "**Gradient descent",
        ".txt": "Gradient descent",
        ".json": "{",
    }
    for ending, beginning in beginnings.items():
        file = tmp_path / f"run{ending}"
        assert ask(*run, "--out", str(file)) == (1, "", "")
        assert file.read_text().startswith(beginning)
    assert r"$2.25$ & $0.5625$ & $1.5$" in (tmp_path / "run.tex").read_text()
    assert "| $3$ | $2.625$ | $0.1406$ | $0.75$ |" in ask(*run, "--format", "markdown")[1]


def test_the_default_step_size_has_a_name(ask: Any) -> None:
    run = ("run", "x^2 + 5*y^2", "--start", "1,2", "--format", "json")
    assert ask(*run, "--step-size", "backtracking") == ask(*run)


def test_where_the_answer_goes_is_checked_before_the_work(
    ask: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(symopt, "Problem", None)
    (tmp_path / "folder.txt").mkdir()
    reasons = {
        "answer.doc": "should end in .txt or .md",
        "missing/answer.txt": f"there is no folder '{tmp_path}/missing'",
        "folder.txt": "it is a folder",
        "answer": "should end in",
    }
    for name, reason in reasons.items():
        status, out, err = ask("solve", "x^2", "--out", str(tmp_path / name))
        assert (status, out) == (2, "")
        assert reason in err


def test_solve_asks_each_question_once(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that the clock cuts, which are not remembered."""
    asked: list[str] = []
    for name in ("stationary_points", "convexity", "minimum", "maximum"):
        whole = getattr(symopt.Problem, name)

        def cut(problem: symopt.Problem, *, timeout: float, name: str = name, whole: Any = whole) -> Any:
            asked.append(name)
            return whole(problem, timeout=1e-9)

        monkeypatch.setattr(symopt.Problem, name, cut)
    status, out, err = ask("solve", "x^2")
    assert (status, err) == (1, "")
    assert "Undecided: the time was used up." in out
    assert asked == ["stationary_points", "convexity", "minimum", "maximum"]


def test_bytes_that_are_not_text() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "symopt", "solve", "-"],
        input=b"\xff\xfe",
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stdout) == (2, b"")
    # In the C locale Python reads the bytes as lone surrogates, which the reader refuses in its own words.
    assert run.stderr.startswith(b"symopt: ")
    assert b"Traceback" not in run.stderr


def test_an_unexpected_failure_is_one_sentence(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise RuntimeError("a secret\nof the house")

    monkeypatch.setattr(symopt.Problem, "derivatives", broken)
    status, out, err = ask("derivatives", "x^2")
    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    assert "internal error (RuntimeError)" in err


def test_help_and_version_answer_without_sympy() -> None:
    script = (
        "import sys; from symopt.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as stop: print(stop.code, 'sympy' in sys.modules, 'numpy' in sys.modules)"
    )
    for arguments in (["--help"], ["solve", "--help"], ["--version"], ["dance"]):
        run = subprocess.run(
            [sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=60, check=True
        )
        code = 2 if arguments == ["dance"] else 0
        assert run.stdout.splitlines()[-1] == f"{code} False False"
    assert symopt.__version__ in run.stdout or arguments != ["--version"]


def test_help_names_every_command(ask: Any) -> None:
    status, out, _ = ask("--help")
    assert status == 0
    for command in ("solve", "derivatives", "stationary", "convexity", "minimum", "maximum", "run", "plot"):
        assert command in out
    assert ask("--version") == (0, f"symopt {symopt.__version__}\n", "")


def test_a_closed_pipe_is_quiet() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        run = subprocess.run(
            [sys.executable, "-m", "symopt", "derivatives", "x^2"],
            stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(writer)
    assert run.stderr == b""
