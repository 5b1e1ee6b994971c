"""The architecture as a test: data flows one way, and the checker trusts no prover.

Everything is read from the source with `ast`; nothing of symopt is imported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "symopt"

# Left to right: a module may import from its own layer and from those on its left in one of the chains.
CHAINS = (
    "errors relation clock vocabulary | exact | reading domain | statement | derivation | writing | results | calculus"
    " | arrays | agreement cases reasoning | stationary | disciplined asking | plotting | problem | cli",
    "errors relation | calculus | arrays | numeric | training | plotting | problem | cli",
)
# The public names and the entry point stand outside: they may import anything, and nothing imports them.
DOORS = {"symopt", "symopt.__main__"}

# Optional or slow packages, imported by the function that needs them so that `import symopt` stays quick.
LAZY = {"flint", "matplotlib", "numba", "scipy", "z3"}
# The parts of the house that are made of NumPy or matplotlib are imported by the methods that need them.
LAZY_PARTS = (
    *("symopt.arrays.batches", "symopt.arrays.blocks", "symopt.arrays.compiler", "symopt.calculus.compiler"),
    *("symopt.arrays.declared", "symopt.arrays.written_out"),
    *("symopt.numeric", "symopt.plotting"),
)
# NumPy is slow too, but the numeric half of the house is made of it.
NUMPY_AT_THE_TOP = LAZY_PARTS

# A checker that searched, or asked one of SymPy's heuristics, would share the provers' mistakes.
SEARCHES = {
    *("solve", "solveset", "nonlinsolve", "linsolve", "nsolve", "solve_poly_system", "reduce_inequalities"),
    *("simplify", "nsimplify", "trigsimp", "radsimp", "ask", "satisfiable", "is_convex"),
    *("evalf", "float", "lambdify"),
}
# Exact on a number, a guess on an expression: a number is compared with 0 instead.
ASSUMPTIONS = {
    *("is_positive", "is_negative", "is_nonpositive", "is_nonnegative", "is_nonzero"),
    *("is_real", "is_extended_real", "is_finite", "assumptions0"),
}
EVALUATES_TEXT = {"eval", "exec", "parse_expr", "S", "sympify"}

CORE_LINES = 500
FILE_LINES = 600


@dataclass(frozen=True)
class Import:
    """`module` (or a name in it) imported on `line`, inside a function or not."""

    module: str
    line: int
    in_function: bool


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
SYMBOLIC = [name for name in MODULES if name not in DOORS]


def layer(module: str) -> str:
    return module.split(".")[1]


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imports_in(node: ast.AST, in_function: bool = False) -> Iterator[Import]:
    """Every absolute import below a node; a name that is a module of symopt counts as that module."""
    match node:
        case ast.Import(names=names):
            yield from (Import(alias.name, node.lineno, in_function) for alias in names)
        case ast.ImportFrom(module=str(module), names=names):
            for alias in names:
                full = f"{module}.{alias.name}"
                yield Import(full if full in MODULES else module, node.lineno, in_function)
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return
        case _:
            inside = in_function or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for child in ast.iter_child_nodes(node):
                yield from imports_in(child, inside)


@cache
def imports(module: str) -> tuple[Import, ...]:
    return tuple(imports_in(tree(module)))


def own_imports(module: str) -> set[str]:
    """The modules of symopt that a module imports."""
    return {found.module for found in imports(module) if found.module in MODULES}


def closure(start: str) -> set[str]:
    """`start` and every module of symopt that importing it brings in."""
    reached, waiting = set(), [start]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += own_imports(module)
    return reached


def may_import(importer: str, imported: str) -> bool:
    """Whether layer `imported` stands beside layer `importer` or on its left in some chain."""
    for chain in CHAINS:
        place = {name: i for i, cell in enumerate(chain.split("|")) for name in cell.split()}
        if {importer, imported} <= place.keys() and place[imported] <= place[importer]:
            return True
    return False


def calls(module: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call in a module, with the last part of the name that is called."""
    for node in ast.walk(tree(module)):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                yield name, node


def at(module: str, line: int) -> str:
    return f"{MODULES[module].relative_to(PACKAGE.parent)}:{line}"


def test_the_reader_of_imports_sees_every_form() -> None:
    source = (
        "import a.b, c\nfrom symopt import errors\nfrom symopt.errors import InputError\n"
        "if TYPE_CHECKING:\n    import for_types_only\n"
        "def f():\n    from e import g\n"
        "class A:\n    def m(self):\n        import h\n"
    )
    assert [(found.module, found.in_function) for found in imports_in(ast.parse(source))] == [
        *(("a.b", False), ("c", False), ("symopt.errors", False), ("symopt.errors", False)),
        *(("e", True), ("h", True)),
    ]


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("exact", "errors", True),
        ("errors", "exact", False),
        ("cases", "reasoning", True),
        ("reasoning", "stationary", False),
        ("numeric", "calculus", True),
        ("numeric", "reasoning", False),
        ("stationary", "numeric", False),
        ("plotting", "numeric", True),
        ("cli", "problem", True),
        ("problem", "cli", False),
    ],
)
def test_the_order_of_the_layers_reads_as_drawn(importer: str, imported: str, allowed: bool) -> None:
    assert may_import(importer, imported) is allowed


@pytest.mark.parametrize("module", SYMBOLIC)
def test_nothing_imports_from_its_right(module: str) -> None:
    assert may_import(layer(module), layer(module)), f"give the layer {layer(module)!r} its place in CHAINS"
    wrong = [
        f"{at(module, found.line)} imports {found.module}"
        for found in imports(module)
        if found.module.split(".")[0] == "symopt"
        if module != "symopt.cli"  # it asks the public names, and imports what is slow only when it is needed
        if found.module in DOORS or not may_import(layer(module), layer(found.module))
    ]
    assert not wrong


def test_no_two_modules_import_each_other() -> None:
    graph = {module: own_imports(module) - {module} for module in MODULES}
    assert len(list(TopologicalSorter(graph).static_order())) == len(MODULES)


def _is_lazy_part(module: str, imported: str) -> bool:
    """Whether one part of the house imports another that is slow: numpy or matplotlib come with it."""
    return imported.startswith(LAZY_PARTS) and not module.startswith(LAZY_PARTS)


@pytest.mark.parametrize("module", SYMBOLIC)
def test_imports_stand_at_the_top_unless_slow_or_optional(module: str) -> None:
    numpy_inside = module.startswith(NUMPY_AT_THE_TOP)
    lazy = LAZY if numpy_inside else LAZY | {"numpy"}
    wrong = [
        at(module, found.line)
        for found in imports(module)
        if not (module == "symopt.cli" and found.module.startswith("symopt"))
        if found.in_function != (found.module.split(".")[0] in lazy or _is_lazy_part(module, found.module))
    ]
    assert not wrong


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("symopt.numeric")])
def test_numeric_code_never_sees_sympy(module: str) -> None:
    assert not [at(module, found.line) for found in imports(module) if found.module.startswith("sympy")]


def test_the_checker_stands_on_no_prover() -> None:
    trusted = closure("symopt.derivation.checker")
    assert len(trusted) > 1
    assert {layer(module) for module in trusted} <= {
        "errors",
        "relation",
        "exact",
        "reading",
        "domain",
        "derivation",
    }
    assert "z3" not in {found.module.split(".")[0] for module in trusted for found in imports(module)}


def test_the_checker_does_not_search() -> None:
    trusted = closure("symopt.derivation.checker")
    searches = [
        f"{at(module, call.lineno)} calls {name}"
        for module in trusted
        if layer(module) != "reading"  # the size gates of the reader estimate magnitudes; they decide nothing
        for name, call in calls(module)
        if name in SEARCHES
    ]
    assumes = [
        f"{at(module, node.lineno)} reads {node.attr}"
        for module in trusted
        if layer(module) == "derivation"
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Attribute) and node.attr in ASSUMPTIONS
    ]
    assert not searches + assumes


def test_what_every_step_passes_through_is_read_in_one_sitting() -> None:
    core = ("symopt.derivation.checker", "symopt.derivation.checking")
    assert sum(len(MODULES[module].read_text(encoding="utf-8").splitlines()) for module in core) < CORE_LINES


@pytest.mark.parametrize("module", MODULES)
def test_no_file_outgrows_its_reader(module: str) -> None:
    assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= FILE_LINES


@pytest.mark.parametrize("module", MODULES)
def test_text_is_never_evaluated(module: str) -> None:
    """`sympify` is safe with strict=True; `exec` is the compiler's, for code made from symopt's own graph."""
    compilers = ("symopt.calculus", "symopt.arrays.compiler")
    allowed = {"exec"} if module.startswith(compilers) else set()
    wrong = [
        f"{at(module, call.lineno)} calls {name}"
        for name, call in calls(module)
        if name in EVALUATES_TEXT - allowed and isinstance(call.func, ast.Name)  # `Poly.eval` takes numbers
        if not (name == "sympify" and any(keyword.arg == "strict" for keyword in call.keywords))
    ]
    assert not wrong
