"""Who is central in a network of organisations, and which groups it falls apart in.

A network is a table of ties whose first two columns name the two ends. Ties have no direction and no
weight: a tie that occurs twice counts once, a tie with oneself not.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from socius_lib.errors import SociusError

if TYPE_CHECKING:
    Graph = Any


def centralities(ties: pd.DataFrame, nodes: Iterable[Hashable] = ()) -> pd.DataFrame:
    """Return how central each node is.

    Parameters
    ----------
    ties : a row per tie.
    nodes : all nodes; name them when some have no tie at all.

    Returns
    -------
    DataFrame
        per node: `degree`, its number of ties; `betweenness`, over all pairs of others the share of
        shortest paths through it, and `betweenness_share`, that over (n−1)(n−2)/2; `closeness`,
        (n−1) / the sum of distances (in a network of parts: times the share it can reach);
        `eigenvector`, high when its neighbours are, of length 1; NaN when the network is in parts,
        because it is not determined then.

    Raises
    ------
    SociusError
        for a table without ties.

    Source: Freeman (1979), Social Networks 1, 215-239; Bonacich (1972), Journal of Mathematical
    Sociology 2, 113-120; computed by networkx.
    """
    import networkx as nx  # type: ignore[import-untyped, unused-ignore]

    graph = _graph(ties, nodes)
    names = list(graph)
    eigen = np.full(len(names), np.nan)
    if nx.is_connected(graph):
        eigen = np.abs(np.linalg.eigh(nx.to_numpy_array(graph, nodelist=names))[1][:, -1])
    raw = nx.betweenness_centrality(graph, normalized=False)
    share = nx.betweenness_centrality(graph)
    closeness = nx.closeness_centrality(graph)
    return pd.DataFrame(
        {
            "degree": [graph.degree[name] for name in names],
            "betweenness": [raw[name] for name in names],
            "betweenness_share": [share[name] for name in names],
            "closeness": [closeness[name] for name in names],
            "eigenvector": eigen,
        },
        index=pd.Index(names, name="node"),
    )


def two_mode_centrality(ties: pd.DataFrame) -> pd.DataFrame:
    """Return how central each node is in a network of two kinds, as organisations and meetings.

    A node can only have ties with the other kind, so the largest possible value differs per kind:
    with n₁ nodes of its own kind and n₂ of the other, `degree` is its ties over n₂ (not over
    n₁ + n₂ − 1); `closeness` is (n₂ + 2n₁ − 2) over the sum of distances (in a network of parts:
    within its part, times the share it can reach); `betweenness` is divided by the largest value that
    one of its kind can have. All run from 0 to 1.

    Parameters
    ----------
    ties : first column the one kind (organisations), second column the other (meetings).

    Returns
    -------
    DataFrame
        per node: `mode` (name of its column), `degree`, `betweenness`, `closeness`.

    Raises
    ------
    SociusError
        for a name in both columns, and for a table without ties.

    Source: Borgatti & Everett (1997), Network analysis of 2-mode data, Social Networks 19, 243-269;
    computed by `networkx.bipartite`.
    """
    import networkx as nx

    first, second = ties.columns[:2]
    if both := set(ties[first].dropna()) & set(ties[second].dropna()):
        raise SociusError(f"In beide kolommen staat: {', '.join(sorted(map(str, both))[:5])}.")
    graph = _graph(ties)
    own = list(dict.fromkeys(ties[first].dropna()))
    names = [*own, *(name for name in graph if name not in set(own))]
    degree = nx.bipartite.degree_centrality(graph, own)
    between = nx.betweenness_centrality(graph, normalized=False)
    sizes = len(own), len(names) - len(own)
    largest = [_largest_betweenness(*sizes)] * sizes[0] + [
        _largest_betweenness(*sizes[::-1])
    ] * sizes[1]
    closeness: dict[Hashable, float] = {}
    for part in nx.connected_components(graph):
        reach = (len(part) - 1) / (len(graph) - 1)
        near = nx.bipartite.closeness_centrality(graph.subgraph(part), part & set(own))
        closeness |= {name: value * reach for name, value in near.items()}
    return pd.DataFrame(
        {
            "mode": [str(first)] * len(own) + [str(second)] * (len(names) - len(own)),
            "degree": [degree[name] for name in names],
            "betweenness": [
                between[name] / most if most else 0.0
                for name, most in zip(names, largest, strict=True)
            ],
            "closeness": [closeness[name] for name in names],
        },
        index=pd.Index(names, name="node"),
    )


def _largest_betweenness(own: int, other: int) -> float:
    """Return the betweenness of the most central node that a network of two kinds can have."""
    s, t = divmod(own - 1, other)
    whole = other**2 * (s + 1) ** 2 + other * (s + 1) * (2 * t - s - 1) - t * (2 * s - t + 3)
    return whole / 2


def network_measures(ties: pd.DataFrame, nodes: Iterable[Hashable] = ()) -> dict[str, float]:
    """Return what the network as a whole looks like.

    Returns
    -------
    dict
        `nodes`, `ties`, `parts`; `density`, ties over possible ties; `transitivity`, the share of
        paths of two that are closed; `distance` (mean) and `diameter` of the largest part;
        `assortativity`, the correlation of the degrees of both ends; `centralisation`, Freeman's of
        degree, Σ(max − degree)/((n−1)(n−2)): 1 for a star, 0 when all have as many ties.

    Source: Freeman (1979); Newman (2002), Physical Review Letters 89, 208701; computed by networkx.
    """
    import networkx as nx

    graph = _graph(ties, nodes)
    largest = graph.subgraph(max(nx.connected_components(graph), key=len))
    degrees = np.array([degree for _, degree in graph.degree], dtype=float)
    n, uneven = len(degrees), float((degrees.max() - degrees).sum())
    found = {
        "nodes": n,
        "ties": graph.number_of_edges(),
        "parts": nx.number_connected_components(graph),
        "density": nx.density(graph),
        "transitivity": nx.transitivity(graph),
        "distance": nx.average_shortest_path_length(largest),
        "diameter": nx.diameter(largest),
        "assortativity": nx.degree_assortativity_coefficient(graph) if uneven else np.nan,
        "centralisation": uneven / ((n - 1) * (n - 2)) if n > 2 else 0,
    }
    return {name: float(value) for name, value in found.items()}


def modularity(ties: pd.DataFrame, groups: Mapping[Hashable, Hashable]) -> float:
    """Return how much more ties run within groups than by chance, Σ_c (l_c/m − (d_c/2m)²).

    Parameters
    ----------
    groups : the group of every node.

    Raises
    ------
    SociusError
        for a node without a group.

    Source: Newman & Girvan (2004), Physical Review E 69, 026113; computed by networkx.
    """
    import networkx as nx

    graph = _graph(ties)
    if absent := [str(name) for name in graph if name not in groups]:
        raise SociusError(f"Zonder groep: {', '.join(absent[:5])}.")
    sets: dict[Hashable, set[Hashable]] = {}
    for name in graph:
        sets.setdefault(groups[name], set()).add(name)
    return float(nx.community.modularity(graph, sets.values(), weight=None))


def communities(
    ties: pd.DataFrame, nodes: Iterable[Hashable] = (), *, starts: int = 100, seed: int = 0
) -> tuple[pd.Series, float]:
    """Return groups of nodes with many ties among them, and the modularity.

    Louvain's method depends on the order in which it visits nodes: this is the best of many orders,
    the same in every run. Groups are numbered from 1, the largest first.

    Parameters
    ----------
    starts : how many orders.
    seed : of the first of them.

    Source: Blondel et al. (2008), Journal of Statistical Mechanics P10008; Brandes et al. (2008),
    IEEE Transactions on Knowledge and Data Engineering 20, 172-188; computed by networkx.
    """
    import networkx as nx

    graph = _graph(ties, nodes)
    best: list[set[Hashable]] = []
    highest = -np.inf
    for start in range(seed, seed + max(starts, 1)):
        found = nx.community.louvain_communities(graph, weight=None, seed=start)
        quality = nx.community.modularity(graph, found, weight=None)
        if quality > highest + 1e-12:
            best, highest = found, quality
    ordered = sorted(best, key=lambda group: (-len(group), min(map(str, group))))
    group_of = {name: number for number, group in enumerate(ordered, 1) for name in group}
    return pd.Series({name: group_of[name] for name in graph}, name="group"), float(highest)


def _graph(ties: pd.DataFrame, nodes: Iterable[Hashable] = ()) -> Graph:
    import networkx as nx

    if ties.shape[1] < 2:
        raise SociusError("Een netwerk vraagt twee kolommen: van wie naar wie.")
    pairs = ties.iloc[:, :2].dropna()
    graph = nx.Graph()
    graph.add_nodes_from(nodes)
    apart = pairs[pairs.iloc[:, 0] != pairs.iloc[:, 1]]
    graph.add_edges_from(apart.itertuples(index=False, name=None))
    if not graph.number_of_edges():
        raise SociusError("Er is geen enkele band in het netwerk.")
    return graph
