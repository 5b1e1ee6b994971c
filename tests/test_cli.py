"""The command line: what it prints, where, and with which exit status."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from symopt.cli import main

QUADRATIC = "(p-1)*x^2 + (p+1)*y^2"


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(list(arguments))
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_solve_answers_for_every_value_of_the_parameter(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = asked(capsys, "solve", QUADRATIC, "--variables", "x,y")

    assert (status, err) == (0, "")
    for case in ("p > 1", "p = 1", "-1 < p < 1", "p = -1", "p < -1"):
        assert case in out
    assert "saddle" in out
    assert "strictly convex" in out


def test_json_of_each_question(capsys: pytest.CaptureFixture[str]) -> None:
    for question in ("stationary", "convexity", "minimum", "maximum"):
        status, out, _ = asked(capsys, question, QUADRATIC, "--variables", "x,y", "--set", "p=2", "--format", "json")
        assert status == 0
        assert len(json.loads(out)["cases"]) == 1
    status, out, _ = asked(capsys, "derivatives", "x^3", "--format", "json")
    assert json.loads(out) == {"gradient": ["3*x**2"], "hessian": [["6*x"]]}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["solve", "2x"], "2*x"),
        (["solve", "__import__('os').system('ls')"], "cannot be read"),
        (["solve", "9**9**9"], ""),
        (["solve", "("*100000 + "x" + ")"*100000], ""),
        (["solve", "x + y", "--variables", "x", "--parameters", "q"], "y"),
        (["minimum", "x^2", "--set", "p=2"], "p"),
        (["minimum", "x^2", "--out", "answer.docx"], "answer.docx"),
        (["run", "p*x^2", "--variables", "x", "--start", "1"], "p"),
        (["run", "x^2", "--start", "one"], "one"),
        (["minimum", "x", "--subject-to", "x > 1", "--sense", "max", "--assuming", "x > 2"], "x"),
    ],
)
def test_bad_input_is_one_sentence(capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str) -> None:
    status, out, err = asked(capsys, *arguments)

    assert (status, out) == (2, "")
    assert sentence in err
    assert "Traceback" not in err
    assert err.startswith("symopt: ")


def test_undecided_and_not_converged_have_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(capsys, "run", "x^2", "--start", "1", "--step-size", "2")[0] == 1
    assert asked(capsys, "minimum", "x^2 + y^2", "--subject-to", "x + y = 1")[0] == 1


def test_a_run_prints_where_it_ended(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--variables", "x,y", "--set", "p=2", "--start", "1,1", "--method", "gd", "--step-size", "1/10"]
    status, out, _ = asked(capsys, "run", QUADRATIC, *arguments)

    assert status == 0
    assert "Converged" in out


def test_files_by_their_ending(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for ending in ("txt", "md", "tex", "json", "png"):
        target = tmp_path / f"answer.{ending}"
        assert asked(capsys, "solve", "x^2", "--out", str(target)) == (0, "", "")
        assert target.stat().st_size > 100


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("x^2 - 4*x\n"))
    status, out, _ = asked(capsys, "minimum", "-", "--format", "json")

    assert status == 0
    assert json.loads(out)["cases"][0]["value"] == "-4"
