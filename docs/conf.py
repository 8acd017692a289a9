"""The handbook as pages: `make docs`. What the library knows, `generated` writes from the library."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "Handboek van de werkbank"
copyright = "Socius"
language = "nl"
locale_dirs = ["locale"]  # the theme has no Dutch of its own

extensions = ["myst_parser", "generated"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

templates_path = ["_templates"]
html_theme = "pydata_sphinx_theme"
html_title = project
html_static_path = ["_static"]
html_css_files = ["handboek.css"]
html_sidebars = {"**": ["bladzijden.html"]}
html_context = {"default_mode": "auto"}
html_show_sourcelink = False
html_copy_source = False
html_use_index = False
html_theme_options = {
    "search_bar_text": "Zoek in het handboek",
    "logo": {"text": "Handboek"},
    "navbar_center": [],
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "show_toc_level": 1,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
