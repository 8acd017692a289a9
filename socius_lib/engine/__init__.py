"""Runs notebooks in processes forked from one that has everything imported.

`run_forked` gives the outputs that a fresh kernel gives, without waiting for kernels to start and
import. Where forking is not possible each notebook gets an ordinary kernel.

- `pool.py`: what the run calls: jobs in, results out.
- `zygote.py`: the process that is forked, a script of its own without threads or sockets.
- `kernel.py`: IPython's kernel without its sockets, in the forked process.
- `job.py`: one notebook, whatever runs its cells.
- `registered.py`: the engine as papermill knows it.
"""

from socius_lib.engine.pool import LIMIT, Failure, Job, Result, prepare, run_forked

__all__ = ["LIMIT", "Failure", "Job", "Result", "prepare", "run_forked"]
