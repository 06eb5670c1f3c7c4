"""How the next tokens of an answer are chosen, and the published ways; read without torch."""

from __future__ import annotations

from pydantic import Field

from whenabouts.settings import Settings


class GenerateSettings(Settings):
    """How the next tokens are chosen. The defaults are those of both published evaluations."""

    new_tokens: int = Field(default=512, gt=0)
    """Most tokens of an answer."""
    context_tokens: int = Field(default=3000, gt=0)
    """Prompt and answer together; more is cut off the front of the prompt."""
    sample: bool = True
    """Draw; False takes the most probable one, or the best of `beams`."""
    temperature: float = Field(default=1.0, gt=0)
    top_p: float = Field(default=0.8, gt=0, le=1)
    top_k: int = Field(default=50, ge=0)
    """Draw among so many; 0: all. The references leave the library's 50 in place."""
    beams: int = Field(default=1, gt=0)
    length_penalty: float = 1.0
    repetition_penalty: float = Field(default=1.0, gt=0)
    seed: int | None = None
    """For drawing; None: another answer each time."""

    @property
    def prompt_tokens(self) -> int:
        """The most of a prompt that fits."""
        return self.context_tokens - self.new_tokens


PRESETS: dict[str, GenerateSettings] = {
    "published": GenerateSettings(),
    "published-cool": GenerateSettings(temperature=0.1),
    "demo": GenerateSettings(new_tokens=300, context_tokens=2000, top_p=0.9),
    "greedy": GenerateSettings(sample=False),
    "beam": GenerateSettings(sample=False, beams=3),
}
"""`published`: how both papers' figures were made; `published-cool`: the better ones of VTG-LLM;
`demo`: both demos; `greedy`: the same answer each time."""
