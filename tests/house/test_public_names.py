"""The public face: listed, sorted, importable, documented."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

import whenabouts

SOURCE = Path(whenabouts.__file__).parent


def test_public_names_are_sorted_and_complete():
    assert list(whenabouts.__all__) == sorted(whenabouts.__all__)
    assert set(whenabouts.__all__) == set(whenabouts._HOMES)
    assert set(whenabouts.__all__) <= set(dir(whenabouts))


@pytest.mark.parametrize("name", whenabouts.__all__)
def test_public_name_opens_and_says_what_it_is(name):
    thing = getattr(whenabouts, name)
    home = import_module(f"whenabouts.{whenabouts._HOMES[name]}")
    assert thing is getattr(home, name)
    assert (thing.__doc__ or "").strip(), f"{name} has no docstring"


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        whenabouts.nonsense  # noqa: B018


def test_the_type_checker_sees_the_same_names():
    """The names under TYPE_CHECKING are written a second time; they must not drift apart."""
    tree = ast.parse((SOURCE / "__init__.py").read_text())
    block = next(
        node for node in tree.body if isinstance(node, ast.If) and "TYPE" in ast.dump(node.test)
    )
    seen = {
        alias.name: (node.module or "").removeprefix("whenabouts.")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == whenabouts._HOMES


def _modules() -> list[Path]:
    return sorted(path for path in SOURCE.rglob("*.py") if path.stat().st_size)


@pytest.mark.parametrize("path", _modules(), ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_a_module_that_lists_its_names_lists_them_sorted_and_true(path):
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), f"{path.name} does not say what it is for"
    for node in tree.body:
        is_list = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        if is_list and path.name != "__init__.py":
            names = ast.literal_eval(node.value)
            assert names == sorted(names)
            assert set(names) <= _defined(tree)


def _defined(tree: ast.Module) -> set[str]:
    """Names that the top level of a module defines or imports."""
    names: set[str] = set()
    for part in tree.body:
        if isinstance(part, ast.ClassDef | ast.FunctionDef):
            names.add(part.name)
        elif isinstance(part, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in part.names}
        elif isinstance(part, ast.Assign | ast.AnnAssign):
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            names |= {ast.unparse(target) for target in targets}
    return names
