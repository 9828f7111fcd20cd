import pytest

from lockstep.parity.address import EXAMPLE, Address, BadAddress, parse_address, suggest_address


@pytest.mark.parametrize(
    ("text", "url", "login"),
    [
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000", None),
        ("https://app.example/", "https://app.example", None),
        ("http://[::1]:5000/behind/a/path/", "http://[::1]:5000/behind/a/path", None),
        ("http://me:s3cret@app.example:81", "http://app.example:81", ("me", "s3cret")),
        ("http://me%40home:s%3A%2Fcret@app.example", "http://app.example", ("me@home", "s:/cret")),
        ("http://me@app.example", "http://app.example", ("me", "")),
        ("http://:s3cret@app.example", "http://app.example", ("", "s3cret")),
        ("http://bücher.example", "http://bücher.example", None),
    ],
)
def test_user_and_password_are_taken_out_of_the_url(text: str, url: str, login: tuple[str, str] | None) -> None:
    assert parse_address(text) == Address(url, login)


@pytest.mark.parametrize(
    "text",
    ["", "app", "localhost:5000", "ftp://s3cret@app", "http://", "http://s3cret@", "http://s3cret@app:port",
     "http://app:99999", "http://[::1", "http://app/?key=s3cret", "http://app/#s3cret", "http://app/ s3cret",
     "http://app/\x1b[2J", "http://app/`s3cret`", "http://app/<b>", "http://app\n", "ws://s3cret@app"],
)  # fmt: skip
def test_what_is_no_address_of_a_service_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(BadAddress, match=r"^the URL ") as refused:
        parse_address(text)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("text", ["127.0.0.1:8123", "forecasts.example/path", "[::1]:5000"])
def test_an_address_without_its_scheme_is_suggested_with_one(text: str) -> None:
    assert suggest_address(text) == f"http://{text}"


@pytest.mark.parametrize("text", ["", "ftp://host", "me:secret@host", "host?key=secret", "a b"])
def test_what_is_no_address_with_a_scheme_either_is_not_repeated(text: str) -> None:
    assert suggest_address(text) == EXAMPLE
