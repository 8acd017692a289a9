"""What the handbook takes from the library itself: nothing that the library knows is typed twice."""

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata


def setup(_: Sphinx) -> ExtensionMetadata:
    """Add the directives."""
    return {"parallel_read_safe": True}
