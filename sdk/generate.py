"""Writes clients for Python and TypeScript from the document: `python sdk/generate.py build/sdk`.

A warning of a generator is an error: it means that a part of the document is missing in the client.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
SETTINGS = HERE / "python.yaml"
BIN = Path(sys.executable).parent

NPM_FILES = ("package.json", "package-lock.json", "tsconfig.json", ".npmrc")


def run(command: Sequence[str | Path], folder: Path) -> str:
    """What a program printed.

    Raises:
        SystemExit: it failed.
    """
    arguments = [str(each) for each in command]
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout + done.stderr


def write_document(folder: Path) -> Path:
    """The document as the code has it now."""
    from kitsu_api.app import create_app
    from kitsu_api.settings import Settings

    path = folder / "openapi.json"
    path.write_text(json.dumps(create_app(Settings.model_construct()).openapi()))
    return path


def generate_python(document: Path, folder: Path) -> None:
    """A package `kitsu_api_client`, formatted."""
    target = folder / "python"
    paths = ("--path", document, "--output-path", target, "--config", SETTINGS)
    run((BIN / "openapi-python-client", "generate", *paths, "--overwrite", "--fail-on-warning"), folder)
    # for an operation with several kinds of bodies the generator forgets a name and asks for list[…]
    for path in (target / "kitsu_api_client" / "api").rglob("*.py"):
        text = path.read_text().replace("import Response, UNSET\n", "import Response, UNSET, Unset\n")
        path.write_text(re.sub(r"isinstance\(body, list\[.*?\]\)", "isinstance(body, list)", text))
    run((BIN / "ruff", "check", "--isolated", "--select", "I,F401,F811", "--fix", "--quiet", target), folder)
    run((BIN / "ruff", "format", "--isolated", "--quiet", target), folder)


def check_python(folder: Path, example: Path) -> None:
    """Strict types, in the client and in the script that uses it."""
    # the generator casts what a check has narrowed already
    types = (BIN / "mypy", "--strict", "--no-warn-redundant-casts", "--config-file=")
    run((*types, "kitsu_api_client", example), folder / "python")


def generate_typescript(document: Path, folder: Path, example: Path) -> None:
    """`schema.ts` with the types of all operations, for openapi-fetch, checked with a script that uses it."""
    target = folder / "typescript"
    target.mkdir(exist_ok=True)
    for name in NPM_FILES:
        shutil.copy(HERE / "typescript" / name, target / name)
    shutil.copy(example, target / example.name)
    run(("npm", "ci", "--no-fund", "--no-audit", "--ignore-scripts"), target)
    # what has a default may be left out of a body
    options = ("--default-non-nullable", "false")
    run(("npx", "openapi-typescript", document, "--output", "schema.ts", *options), target)
    run(("npx", "tsc"), target)


def main() -> None:
    """Generate and check both."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, help="where the clients are written")
    folder = options.parse_args().folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    examples = HERE.parent / "examples" / "sdk"
    document = write_document(folder)
    generate_python(document, folder)
    check_python(folder, examples / "first_review.py")
    print(f"Python: {folder / 'python'}")
    if shutil.which("npm") is None:
        raise SystemExit("The TypeScript client needs Node.js 20 or later with npm.")
    generate_typescript(document, folder, examples / "first_review.ts")
    print(f"TypeScript: {folder / 'typescript'}")


if __name__ == "__main__":
    main()
