"""Finding one's way in the data, in JupyterLab: what there is, frames to read, a first picture.

- `inventory.py`: which tables, columns and figures there are, from their one description.
- `frames.py`: a frame as a table to read, or to sort and search.
- `first_plot.py`: a picture in one line, in the house style.
- `completion.py`: names of tables, figures and columns where one types them.

`%load_ext socius_lib.exploring` shows frames that way and completes names; JupyterLab as `socius lab`
starts it has done so already. Without it everything is as pandas has it: the yearly run does without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from socius_lib.exploring import frames
from socius_lib.exploring.first_plot import plot
from socius_lib.exploring.frames import browse, show_frame

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["browse", "load_ipython_extension", "plot", "show_frame", "unload_ipython_extension"]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Show frames with their labels and Flemish numbers, and complete names, in this kernel."""
    from socius_lib.exploring import completion

    for kind in (pd.DataFrame, pd.Series):
        _html_formatter(shell).for_type(kind, frames.to_html)
    completion.register(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Leave frames and names to pandas and IPython again."""
    from socius_lib.exploring import completion

    for kind in (pd.DataFrame, pd.Series):
        _html_formatter(shell).pop(kind, None)
    completion.unregister(shell)


def _html_formatter(shell: InteractiveShell) -> Any:
    return shell.display_formatter.formatters["text/html"]  # type: ignore[union-attr]  # has one
