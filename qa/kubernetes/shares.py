"""Requests through Envoy: which version answered each, whether its bits are right, and whether the shares are."""

import http.client
from collections import Counter
from collections.abc import Iterator, Mapping

from scipy import stats

from qa.kubernetes.arms import Arms
from qa.kubernetes.manifests import Object
from qa.servers import TIMEOUT_S

N_ASKED = 1000
ERROR = 1e-6
"""How likely it is that shares which are as asked are called wrong."""
MOST_SHOWN = 3


def find_wrong_shares(arms: Arms, route: Object, port: int) -> Iterator[str]:
    """Yield wrong answers, and counts that do not agree with the weights of a route by the binomial distribution."""
    counts, wrong = ask(arms, port)
    yield from wrong[:MOST_SHOWN]
    expected = read_weights(arms, route)
    for digest, share in expected.items():
        fewest, most = stats.binom.interval(1.0 - ERROR / len(expected), N_ASKED, share)
        if not fewest <= counts[digest] <= most:
            yield f"{digest[:12]} gave {counts[digest]} of {N_ASKED} answers, not {fewest:.0f} to {most:.0f}"


def ask(arms: Arms, port: int) -> tuple[Counter[str], list[str]]:
    """Return how many answers each version gave, by its digest, and what was not as evaluated."""
    counts: Counter[str] = Counter()
    wrong = []
    [body] = {case.body for case in arms.cases.values()}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    headers = {"Content-Type": "application/json", "x-api-key": arms.secret, "Host": arms.route["spec"]["hostnames"][0]}
    for _ in range(N_ASKED):
        connection.request("POST", "/forecast", body, headers)
        response = connection.getresponse()
        answer, digest = response.read(), response.headers.get("X-Model-Digest", "")
        counts[digest] += 1
        if digest not in arms.cases or answer != arms.cases[digest].answer:
            wrong.append(f"{response.status} of {digest[:12] or 'no version'}: {answer[:80]!r}")
    connection.close()
    return counts, wrong


def read_weights(arms: Arms, route: Object) -> Mapping[str, float]:
    """Return the share of each version by its digest."""
    backends = route["spec"]["rules"][0]["backendRefs"]
    total = sum(backend["weight"] for backend in backends)
    return {arms.digests[backend["name"]]: backend["weight"] / total for backend in backends}
