"""Sphinx configuration: the documentation builds without a network and with warnings as errors."""

from __future__ import annotations

import sys
from pathlib import Path

import opsafe

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "opsafe"
author = "The opsafe contributors"
copyright = "The opsafe contributors. Apache-2.0"
version = release = opsafe.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    # Ours, in docs/_extensions:
    "commands",
    "examples",
    "mathml",
    "offline",
]
exclude_patterns = ["_extensions"]

# Formulas are MathML, which browsers draw themselves; MathJax would be a script from a network.
html_math_renderer = "mathml"
myst_update_mathjax = False
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "smartquotes"]
myst_heading_anchors = 3

# Notebooks are executed by `make nightly`; here their stored outputs are shown.
nb_execution_mode = "off"

# A reference that leads nowhere is an error, but for other projects: their inventories are remote.
nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(annotated_types|numpy|pandas|polars|pyarrow|pint|pydantic|matplotlib)\b.*"),
    ("py:.*", r"(collections|datetime|decimal|enum|fractions|pathlib|typing)\b.*"),
    ("py:.*", r"(array|bool|bytes|dict|float|frozenset|int|iterable|list|mapping|object)\b.*"),
    ("py:.*", r"(property|sequence|set|str|tuple|type)\b.*"),
    ("py:exc", r"(ImportError|KeyError|OSError|TypeError|ValueError)"),
]

# Types stand in the numpydoc sections, with their units; signatures stay short.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_class_signature = "separated"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

# A part of the documentation (say, the tutorial) may have no page yet.
suppress_warnings = ["toc.empty_glob"]

html_theme = "pydata_sphinx_theme"
html_title = f"opsafe {release}"
html_static_path = ["_static"]
html_css_files = ["formulas.css"]
# Pages without neighbours need no side bar; the table of editions needs the room.
html_sidebars = {"changelog": [], "dependencies": [], "editions": [], "glossary": []}
html_show_copyright = False
html_copy_source = False
html_theme_options = {
    "navigation_with_keys": False,
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": {"**": ["page-toc"], "editions": []},
}
