"""Settings written as TOML read back equal."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from whenabouts.settings import Settings


class Inner(Settings):
    sizes: tuple[float, ...] = ()
    texts: dict[str, str] = Field(default_factory=dict)


class Outer(Settings):
    name: str
    limit: int | None = None
    ratio: float = 0.5
    on: bool = True
    folder: Path = Path("a/b")
    rows: tuple[Inner, ...] = ()
    inner: Inner = Inner()


texts = st.text(st.characters(exclude_categories=["Cs"]))
inners = st.builds(
    Inner,
    sizes=st.lists(st.floats(allow_nan=False)).map(tuple),
    texts=st.dictionaries(texts, texts),
)


@given(
    st.builds(
        Outer,
        name=texts,
        limit=st.none() | st.integers(),
        rows=st.lists(inners).map(tuple),
        inner=inners,
    )
)
def test_round_trip(tmp_path_factory, settings):
    path = tmp_path_factory.mktemp("settings") / "s.toml"
    path.write_text(settings.to_toml(), encoding="utf-8", newline="")
    assert Outer.read(path) == settings
