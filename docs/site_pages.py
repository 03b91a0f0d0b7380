"""Pages of the documentation that are made when the site is built: `make docs`.

The reference comes from the document, the settings and the commands themselves; some files at the root of the
repository are pages as well.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path.insert(0, str(DOCS))  # mkdocs loads this file by its path

import reference  # noqa: E402  # beside this file

ROOT_PAGES = ("CHANGELOG.md", "CONTRIBUTING.md")
LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


def decisions() -> str:
    """A list of the decisions, by their headings."""
    lines = ["# Decisions", "", "One page for each decision that others will ask about.", ""]
    for path in sorted((DOCS / "adr").glob("[0-9]*.md")):
        found = TITLE.search(path.read_text())
        title = found[1] if found else path.stem
        lines.append(f"- [{path.stem[:4]}: {title}]({path.name})")
    return "\n".join(lines) + "\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that no file in the folder holds."""
    made = {
        **{name: (ROOT / name).read_text() for name in ROOT_PAGES},
        "adr/index.md": decisions(),
        **reference.pages(),
    }
    for path, content in made.items():
        files.append(File.generated(config, path, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links that lead through the repository lead to pages; what is no page is named without a link."""
    here = ROOT if page.file.src_uri in ROOT_PAGES else (DOCS / page.file.src_uri).parent
    up = "../" * page.file.src_uri.count("/")

    def mended(match: re.Match[str]) -> str:
        if "://" in match["target"]:
            return match[0]
        path = (here / match["target"]).resolve()
        if path.is_dir():
            path /= "index.md"
        if path.is_relative_to(DOCS):
            source = path.relative_to(DOCS).as_posix()
        elif path.parent == ROOT and path.name in ROOT_PAGES:
            source = path.name
        else:
            return match["text"]
        return f"[{match['text']}]({up}{source}{match['anchor'] or ''})"

    return LINK.sub(mended, markdown)
