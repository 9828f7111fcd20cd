import pytest

from lockstep.doors.mlflow.media import choose_media_type
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import NOT_ACCEPTABLE

JSON, CSV = "application/json", "text/csv"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/json", JSON),
        ("application/*", JSON),
        ("text/csv", CSV),
        ("Text/CSV; header=absent", CSV),
        ("text/*", CSV),
        ("text/csv, */*", CSV),
        ("text/csv;q=0.5, application/json;q=0.4", CSV),
        ("text/csv;q=0.5, application/json", JSON),
        ("text/csv, application/json", JSON),
        ("application/json;q=0, */*", CSV),
        ("text/html, application/xhtml+xml, */*;q=0.8", JSON),
        ("text/csv;q=nonsense", CSV),
    ],
)
def test_the_preferred_type_is_chosen(accept: str, chosen: str) -> None:
    assert choose_media_type(accept) == chosen


@pytest.mark.parametrize("accept", ["image/png", "text/html", "*/*;q=0", "text/csv;q=0", "json", "application/x-npy"])
def test_a_type_that_is_not_written_is_refused_by_name(accept: str) -> None:
    with pytest.raises(RequestError, match="this route answers application/json or text/csv") as refused:
        choose_media_type(accept)
    assert refused.value.kind is NOT_ACCEPTABLE
    assert accept in str(refused.value)
