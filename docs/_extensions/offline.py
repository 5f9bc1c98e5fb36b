"""After a build: no page may load a script, style sheet, font or picture from a network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# Links that a reader follows (<a href>) are welcome. What a browser fetches by itself is not.
REMOTE: Final = {
    "source": re.compile(r"""(?i)\bsrc(?:set)?\s*=\s*["'](?:https?:)?//[^"']+"""),
    "link": re.compile(r"""(?i)<link\b[^>]*\bhref\s*=\s*["'](?:https?:)?//[^"']+"""),
    "style": re.compile(r"""(?i)(?:url\(\s*["']?|@import\s+["'])(?:https?:)?//[^"')]+"""),
}


def remote_sources(text: str) -> list[str]:
    """Return what a browser would fetch from a network on reading `text`."""
    return [
        f"{kind}: {match.group(0)[:120]}"
        for kind, pattern in REMOTE.items()
        for match in pattern.finditer(text)
    ]


def check(app: Sphinx, exception: Exception | None) -> None:
    """Fail the build when a page or style sheet would fetch something."""
    if exception is not None or app.builder.format != "html":
        return
    found = [
        f"{path.relative_to(app.outdir)}: {source}"
        for path in sorted(Path(app.outdir).rglob("*"))
        if path.suffix in {".html", ".css"}
        for source in remote_sources(path.read_text(encoding="utf-8"))
    ]
    if found:
        # Imported here, so that the tests can read this file without Sphinx.
        from sphinx.errors import ExtensionError  # noqa: PLC0415

        listed = "\n".join(found[:20])
        raise ExtensionError(f"{len(found)} remote sources in the built pages:\n{listed}")


def setup(app: Sphinx) -> dict[str, Any]:
    """Run the check when a build is over."""
    app.connect("build-finished", check)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
