"""Notebooks on a dask.distributed cluster: the same engine, in each of its workers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from socius_lib import trace
from socius_lib.engine import Job, Result, run_forked
from socius_lib.errors import SociusError
from socius_lib.workspace import Workspace


def run_on_cluster(
    address: str, ws: Workspace, jaar: int, jobs: Sequence[Job], *, time_limit: float, forked: bool
) -> Iterator[Result]:
    """Run notebooks on the workers of a cluster; give the result of each when it is there.

    A notebook whose worker dies is run by another one.

    Parameters
    ----------
    address : of the scheduler, e.g. `tcp://10.0.0.5:8786`; who reaches it can run anything there,
        so keep it on a closed network or use `tls://`.
    ws : its folder must be seen by every worker at the same place.

    Raises
    ------
    SociusError
        when the package is not installed, the scheduler does not answer, or a worker sees another
        library or other data.
    """
    try:
        from distributed import Client, KilledWorker, as_completed
    except ImportError:
        raise SociusError(
            "Voor --cluster is dask.distributed nodig: `.venv/bin/pip install '.[cluster]'`."
        ) from None
    try:
        client = Client(address, timeout=10, set_as_default=False)
    except (OSError, ValueError):
        raise SociusError(
            f"Geen cluster op {address}. Staat de scheduler aan, en klopt het adres?"
        ) from None
    with client:
        _check_workers(client.run(_seen_by, ws, jaar), _seen_by(ws, jaar))
        todo = {
            client.submit(_run_one, job, ws, time_limit, forked, pure=False): job for job in jobs
        }
        for future in as_completed(todo, loop=client.loop):
            try:
                yield future.result()
            except KilledWorker:
                name = todo[future].path.name
                yield Result(
                    todo[future], 0.0, problem=f"`{name}` deed telkens zijn werker stoppen."
                )


def _seen_by(ws: Workspace, jaar: int) -> tuple[str, str]:
    return trace.library_hash(), trace.tables_hash(ws, jaar)


def _check_workers(seen: dict[str, tuple[str, str]], mine: tuple[str, str]) -> None:
    if not seen:
        raise SociusError("Het cluster heeft geen werkers; start er met `dask worker`.")
    others = sum(theirs != mine for theirs in seen.values())
    if others:
        raise SociusError(
            f"{others} van de {len(seen)} werkers zien een andere versie van de werkbank of andere "
            "gegevens. Geef ze dezelfde map en dezelfde omgeving."
        )


def _run_one(job: Job, ws: Workspace, time_limit: float, forked: bool) -> Result:
    os.environ["SOCIUS_ROOT"] = str(ws.root)
    [result] = run_forked([job], at_once=1, time_limit=time_limit, forked=forked)
    return result
