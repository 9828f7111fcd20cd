"""Who asks: the headers by which a service could tell one client from another."""

from lockstep.parity.draws import Draws

ID_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=-"
SHORTEST_ID, LONGEST_ID = 20, 60
TYPED = ("application/json", "application/json; charset=utf-8", "application/vnd.api+json")
UNTYPED = ("application/x-www-form-urlencoded", "text/plain", "application/octet-stream", None)
"""What clients of the tutorial's route send with a JSON body."""
AGENTS = (
    "python-requests/2.{}.{}", "curl/8.{}.{}", "PostmanRuntime/7.{}.{}", "okhttp/4.{}.{}", "axios/1.{}.{}",
    "Go-http-client/1.1", "Python-urllib/3.{}", "Java/17.0.{}", "node-fetch/3.{}.{}", "insomnia/9.{}.{}",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/1{}.0.{}.0 Safari/537.36",
)  # fmt: skip


def draw_headers(draws: Draws, types: tuple[str | None, ...] = TYPED) -> dict[str, str | None]:
    """Return the headers of a caller; None takes away what the client would send."""
    headers: dict[str, str | None] = {"Content-Type": draws.choose(types), "User-Agent": draw_agent(draws)}
    if draws.chance(2):
        headers["Accept-Encoding"] = None
    if draws.chance(3):
        headers["X-Request-Id"] = draw_request_id(draws)
    if draws.chance(2):
        headers["Accept"] = draws.choose(("application/json", "application/json, text/plain, */*", "text/html,*/*"))
    return headers


def draw_agent(draws: Draws) -> str | None:
    """Return the name of a client and its version, or None for a client that names none."""
    agents = (*AGENTS, f"client-{draws.below(10**6)}", None)
    agent = draws.choose(agents)
    return None if agent is None else agent.format(draws.below(40), draws.below(100))


def draw_request_id(draws: Draws) -> str:
    """Return a request id that the service has to keep."""
    letters = draws.pick(draws.between(SHORTEST_ID, LONGEST_ID), len(ID_LETTERS))
    return "".join(ID_LETTERS[place] for place in letters.tolist())
