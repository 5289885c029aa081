"""The fixed words of the letters, found in the templates and in the code that marks them."""

import ast
from pathlib import Path

from jinja2 import Environment, nodes

from templates import printing

ROOM = Path(printing.__file__).parent


def said() -> set[str]:
    """Every text that is translated when it is printed, singular forms only."""
    found: set[str] = set()
    for file in sorted((ROOM / "emails").rglob("*.*")):
        tree = Environment().parse(file.read_text())
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "say" and isinstance(call.args[0], nodes.Const):
                found.add(call.args[0].value)
    for file in sorted(ROOM.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and _name(node.func) in ("one", "many", "marked"):
                found |= {arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    return found


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
