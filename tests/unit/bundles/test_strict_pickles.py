"""Pickles that name nothing forbidden and still try to do harm with what they may name."""

import pickle
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import numpy as np
import pytest
from numpy._core.multiarray import _reconstruct, scalar
from numpy._core.numeric import _frombuffer  # type: ignore[attr-defined]
from scipy.sparse import csr_matrix
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree._tree import NODE_DTYPE, Tree
from sklearn.utils.validation import check_array

from lockstep.bundles.pickles.recipes import Unused
from lockstep.bundles.unpickle import unpickle
from lockstep.errors import BundleError, ForbiddenPickle, InvalidBundle, VersionMismatch

OBJECTS = np.dtype([("first", "O")])
ADDRESS = (4096).to_bytes(8, "little")


class Made:
    """Pickle into a call of `function` with `args`, and then into the state, if there is one."""

    def __init__(self, function: Callable[..., object], args: tuple[Any, ...], *state: object) -> None:
        self.reduced = (function, args, *state)

    def __reduce__(self) -> Any:
        return self.reduced


def dump(value: object) -> bytes:
    return pickle.dumps(value, protocol=5)


def name(module: str, attribute: str) -> bytes:
    return (
        b"\x8c"
        + bytes([len(module)])
        + module.encode()
        + b"\x8c"
        + bytes([len(attribute)])
        + attribute.encode()
        + b"\x93"
    )


def build(what: bytes, state: object) -> bytes:
    """Return a pickle that gives a state to what `what` pushes."""
    return b"\x80\x05" + what + pickle.dumps(state, protocol=2)[2:-1] + b"b."


def nest(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def cycle() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


def doubled_key() -> bytes:
    """A dictionary whose key is a tuple of two equal tuples, sixty deep: it would be hashed 2**60 times."""
    return b"\x80\x05})" + b"q\x00h\x00\x86" * 60 + b"Ns."


SCALER = name("sklearn.preprocessing._data", "StandardScaler")
HOSTILE: dict[str, bytes] = {
    "a state for a class": build(SCALER, {"transform": 1}),
    "slots for a class": build(SCALER, (None, {"transform": 1})),
    "a state for a function": build(name("sklearn.utils.validation", "check_array"), {"__defaults__": ()}),
    "slots for an object": build(SCALER + b")\x81", (None, {"mean_": 1})),
    "a state that is no dictionary": build(SCALER + b")\x81", [1]),
    "a method replaced": build(SCALER + b")\x81", {"transform": 1}),
    "a class replaced": build(SCALER + b")\x81", {"__class__": 1}),
    "a class called": dump(Made(StandardScaler, ())),
    "a class with arguments": b"\x80\x05" + SCALER + b"K\x01\x85\x81.",
    "a type of numbers called": dump(Made(np.float64, (1,))),
    "a class as a value": dump([StandardScaler]),
    "a function as a value": dump([check_array]),
    "a function in a transformer": dump(FunctionTransformer(check_array)),
    "a partial of a class": dump(partial(StandardScaler, copy=False)),
    "a partial of other arguments": dump(partial(check_array, accept_sparse=True)),
    "objects from bytes": dump(Made(_frombuffer, (ADDRESS, np.dtype("O"), (1,), "C"))),
    "an array beyond its bytes": dump(Made(_frombuffer, (ADDRESS, np.dtype("f8"), (9,), "C"))),
    "an array called as a class": dump(Made(np.ndarray, ((1,), "O", ADDRESS))),
    "an array of a length": dump(Made(_reconstruct, (np.ndarray, (10**9,), b"b"))),
    "a subclass of an array": dump(Made(_reconstruct, (np.float64, (0,), b"b"))),
    "objects from a state of bytes": dump(
        Made(_reconstruct, (np.ndarray, (0,), b"b"), (1, (1,), np.dtype("O"), False, ADDRESS))
    ),
    "fewer objects than places": dump(
        Made(_reconstruct, (np.ndarray, (0,), b"b"), (1, (9,), np.dtype("O"), False, [None]))
    ),
    "fewer bytes than places": dump(
        Made(_reconstruct, (np.ndarray, (0,), b"b"), (1, (9,), np.dtype("f8"), False, ADDRESS))
    ),
    "an array filled twice": dump(np.array([1, None], object))[:-1]
    + dump(np.array([1, None]).__reduce__()[2])[2:-1]
    + b"b.",
    "more texts without a character than memory has": dump(
        Made(_reconstruct, (np.ndarray, (0,), b"b"), (1, (10**12,), np.dtype("S0"), False, b""))
    ),
    "a type that changes": build(
        name("numpy", "dtype") + b"\x8c\x02f8\x89\x88\x87R", (3, ">", None, None, None, -1, -1, 0)
    ),
    "a type that hides its objects": build(
        name("numpy", "dtype") + b"\x8c\x02O8\x89\x88\x87R", (3, "|", None, None, None, -1, -1, 0)
    ),
    "an unknown type": dump(np.dtype("M8[s]")),
    "a scalar of objects": dump(Made(scalar, (np.dtype("O"), "x"))),
    "a scalar beyond its bytes": dump(Made(scalar, (np.dtype("f8"), b"1"))),
    "a tree of no outputs": dump(Made(Tree, (3, np.ones(1, np.intp), 0))),
    "a tree of many outputs": dump(Made(Tree, (3, np.ones(1, np.intp), 10**9))),
    "a slice of arrays": dump(slice(None, np.ones(2))),
    "a cycle": dump(cycle()),
    "lists too deep": dump(nest(200)),
    "a key that takes for ever": doubled_key(),
    "a number of all memory": b"\x80\x05\x8b" + b"\xff\xff\xff\x7f" + b".",
    "an extension": b"\x80\x05\x82\x01.",
    "an object of the first protocol": b"(isklearn.pipeline\nPipeline\n.",
    "a name of the application": b"\x80\x05\x8c\x01xQ.",
    "a part asked for by a matrix": dump(csr_matrix(np.eye(2)))[:-1] + b"Q.",
    "a shape that is a matrix": dump(Made(_reconstruct, (np.ndarray, (csr_matrix(np.eye(2)),), b"b"))),
    "a version that is a matrix": build(SCALER + b")\x81", {"_sklearn_version": csr_matrix(np.eye(2))}),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_pickle_of_allowed_names_that_does_harm_is_refused(what: str) -> None:
    with pytest.raises(BundleError, match=r"^model\.pkl (cannot be unpickled: .+|asks for|calls|makes|changes)"):
        unpickle(HOSTILE[what], "model.pkl")
    assert callable(StandardScaler.transform)


def test_records_of_objects_made_of_addresses_stay_bytes() -> None:
    found = unpickle(dump(Made(_frombuffer, (ADDRESS, OBJECTS, (1,), "C"))), "model.pkl")
    assert isinstance(found, np.ndarray)
    assert (found.dtype.names, found.dtype.hasobject, found.tobytes()) == (None, False, ADDRESS)


@pytest.mark.parametrize("spec", ["V8", "f8"])
def test_a_matrix_in_the_state_of_a_type_is_not_asked_what_it_equals(
    spec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    # its own answer follows indices in compiled code, before they are checked
    monkeypatch.setattr(csr_matrix, "__eq__", lambda *operands: asked.extend(operands))
    content = dump(Made(np.dtype, (spec, False, True), (csr_matrix(np.eye(2)), 1)))
    if spec == "f8":
        with pytest.raises(InvalidBundle, match="of another state"):
            unpickle(content, "model.pkl")
    else:
        assert unpickle(content, "model.pkl") == np.dtype("V8")
    assert asked == []


def from_buffer(held: bytes) -> Made:
    return Made(_frombuffer, (held, np.dtype("f8"), (len(held) // 8,), "C"))


def from_state(held: bytes) -> Made:
    return Made(_reconstruct, (np.ndarray, (0,), b"b"), (1, (len(held) // 8,), np.dtype("f8"), False, held))


@pytest.mark.parametrize(("make", "held"), [(from_buffer, bytearray(8)), (from_state, bytes(bytearray(8000)))])
def test_arrays_of_the_same_bytes_do_not_share_them(make: Callable[[bytes], Made], held: bytes) -> None:
    first, second = cast("list[np.ndarray]", unpickle(dump([make(held), make(held)]), "model.pkl"))
    assert not np.shares_memory(first, second)


def test_a_cycle_is_named() -> None:
    with pytest.raises(InvalidBundle, match="a list holds itself"):
        unpickle(dump(cycle()), "model.pkl")


def test_a_record_that_no_tree_is_made_of_stays_bytes_without_names() -> None:
    found = unpickle(dump(np.zeros(3, [("a", "f8"), ("b", "i8")])), "model.pkl")
    assert isinstance(found, np.ndarray)
    assert (found.shape, found.dtype.names) == ((3,), None)
    nodes = unpickle(dump(np.zeros(3, NODE_DTYPE)), "model.pkl")
    assert isinstance(nodes, np.ndarray)
    assert nodes.dtype == NODE_DTYPE


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.array(["a", "bcd"]),
        np.array([b"a", b"bcd"]),
        np.array(["a", None, 1.5, float("nan")], object),
        np.zeros((0, 3)),
        np.array([True, False]),
        np.arange(12, dtype=np.uint8)[::2],
        np.arange(24.0).reshape(2, 3, 4).transpose(1, 0, 2),
    ],
    ids=str,
)
@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_arrays_are_read_as_they_were(array: np.ndarray, protocol: int) -> None:
    found = unpickle(pickle.dumps(array, protocol), "model.pkl")
    assert isinstance(found, np.ndarray)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert repr(found) == repr(array)  # NaN among objects is equal to nothing


@pytest.mark.parametrize("value", [np.float64(1.5), np.int64(3), np.str_("ab"), np.str_(""), np.True_, np.float32(0.1)])
def test_numbers_and_texts_of_numpy_are_read_as_they_were(value: Any) -> None:
    found: Any = unpickle(dump(value), "model.pkl")
    assert (type(found), found) == (type(value), value)


def test_random_generators_and_losses_are_left_out() -> None:
    fitted = GradientBoostingRegressor(n_estimators=1, random_state=np.random.RandomState(1)).fit(
        [[0.0], [1.0]], [0, 1]
    )
    found: Any = unpickle(dump(fitted), "model.pkl")
    assert isinstance(found.random_state, Unused)
    assert isinstance(found._loss.closs, Unused)


def test_a_model_of_another_scikit_learn_is_refused_with_both_versions() -> None:
    content = dump(DummyRegressor()).replace(b"_sklearn_version\x94\x8c\x05", b"_sklearn_version\x94\x8c\x050.9.8")
    content = content.replace(b"0.9.8" + dump(DummyRegressor()).split(b"_sklearn_version\x94\x8c\x05")[1][:5], b"0.9.8")
    with pytest.raises(VersionMismatch, match=r"model\.pkl holds a DummyRegressor of scikit-learn 0\.9\.8, but 1\."):
        unpickle(content, "model.pkl")


def test_the_refusal_says_what_can_be_read_and_how_to_trust_a_class() -> None:
    with pytest.raises(ForbiddenPickle, match=r"(?s)in lockstep\.toml.*forests: ExtraTreesClassifier, ") as refused:
        unpickle(b"\x80\x05" + name("sklearn.gaussian_process", "GaussianProcessRegressor") + b".", "model.pkl")
    assert "asks for sklearn.gaussian_process.GaussianProcessRegressor" in str(refused.value)


def test_an_old_name_of_numpy_is_the_new_one() -> None:
    content = dump(np.array(["a", None], object)).replace(b"\x16numpy._core.multiarray", b"\x15numpy.core.multiarray")
    start = content.index(b"\x95") + 1  # the length of the frame
    length = int.from_bytes(content[start : start + 8], "little") - 1
    found = unpickle(content[:start] + length.to_bytes(8, "little") + content[start + 8 :], "model.pkl")
    assert np.array_equal(found, ["a", None])  # type: ignore[arg-type]


def test_half_a_pickle_is_refused_at_each_length() -> None:
    content = dump(StandardScaler().fit([[0.0], [1.0]]))
    for length in range(len(content)):
        with pytest.raises(InvalidBundle):
            unpickle(content[:length], "model.pkl")
