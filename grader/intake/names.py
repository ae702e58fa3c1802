"""Finds which file answers for a name, and names that a student may have meant by it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from grader.intake.text import enumerated, quoted
from grader.model.submission import Notice, SourceFile, Submission

SPELLING_CUTOFF = 0.87
"""Least similarity of two names as wholes: admits `layer_nrom` (0.89), not `layer_cost` (0.67)."""

WORD_CUTOFF = 0.7
"""Least similarity of two words that stand in the same place: admits `nrom` for `norm`, not `v_loss` for `q_loss`."""

_MOST_SUGGESTIONS = 3
_LEAST_ABBREVIATION = 3
_FILLER = frozenset(
    {"my", "fn", "func", "function", "impl", "implementation", "compute", "calc", "student", "solution"}
)
_SIDE_FOLDERS = frozenset(
    {"old", "backup", "bak", "test", "tests", "copy", "copies", "draft", "drafts", "archive", "archived"}
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\da-zA-Z_]+")


@dataclass(frozen=True, slots=True)
class Answers:
    """Where the wanted names are defined."""

    found: tuple[tuple[str, SourceFile], ...]
    """Each name that some file binds, with the file that is graded."""

    missing: tuple[tuple[str, tuple[str, ...]], ...]
    """Each name that no file binds, with names that may have been meant."""

    notices: tuple[Notice, ...]
    """Which file was chosen where several define a name."""


def find_answers(submission: Submission, names: Iterable[str]) -> Answers:
    """Decide which file provides each wanted name.

    A definition comes before an import of it, a file that isn't in an `old`, `backup`, `test`, `copy` or `draft`
    folder before one that is, a shallow path before a deep one, and then the alphabet decides.
    """
    wanted = tuple(dict.fromkeys(names))
    ranked = {name: _ranked(submission.sources, name) for name in wanted}
    bound = tuple(dict.fromkeys(name for source in submission.sources for name in source.binds))
    found = tuple((name, ranked[name][0]) for name in wanted if ranked[name])
    missing = tuple((name, near_misses(name, bound)) for name in wanted if not ranked[name])
    return Answers(found, missing, _choices(ranked))


def _ranked(sources: Iterable[SourceFile], name: str) -> list[SourceFile]:
    """Return the files that define a name, best first; those that import it only where no file defines it."""
    binding = [source for source in sources if name in source.binds]
    defining = [source for source in binding if name not in source.aliases]
    return sorted(defining or binding, key=_preference)


def _preference(source: SourceFile) -> tuple[bool, int, str]:
    return (_is_aside(source.path), source.path.count("/"), source.path)


def _is_aside(path: str) -> bool:
    folders = path.lower().split("/")[:-1]
    return any(_SIDE_FOLDERS.intersection(re.split(r"[^a-z]+", folder)) for folder in folders)


def _choices(ranked: dict[str, list[SourceFile]]) -> tuple[Notice, ...]:
    """Tell, once for each set of files, which of them is graded."""
    names_by_files: dict[tuple[str, ...], list[str]] = {}
    for name, sources in ranked.items():
        if len(sources) > 1 and name not in sources[0].aliases:
            names_by_files.setdefault(tuple(source.path for source in sources), []).append(name)
    return tuple(_choice(names, files) for files, names in names_by_files.items())


def _choice(names: list[str], files: tuple[str, ...]) -> Notice:
    defined = f"{enumerated([quoted(name) for name in names], 10)} {'is' if len(names) == 1 else 'are'} defined"
    where = enumerated([quoted(path) for path in sorted(files)])
    return Notice(f"{defined} in {where}: {quoted(files[0])} is graded. Keep one definition to be sure.")


def near_misses(wanted: str, bound: Iterable[str]) -> tuple[str, ...]:
    """Return up to three of the bound names that look like `wanted`, best first.

    Case, underscores and filler words don't count; abbreviations and slips of spelling do.

    >>> near_misses("layer_norm", ["LayerNorm", "layer_cost", "layer_nrom"])
    ('LayerNorm', 'layer_nrom')
    """
    candidates = (name for name in dict.fromkeys(bound) if name != wanted and not _is_dunder(name))
    scored = [(_similarity(wanted, name), name) for name in candidates if len(name) <= 3 * len(wanted) + 20]
    likely = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])
    return tuple(name for _, name in likely[:_MOST_SUGGESTIONS])


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _similarity(wanted: str, name: str) -> float:
    """Return 1 for the same words, a little less for abbreviated ones, the ratio of similar spellings, or 0."""
    wanted_words, words = _words(wanted), _words(name)
    if "".join(wanted_words) == "".join(words):
        return 1.0
    if _abbreviates(wanted_words, words):
        return 0.95
    if not _words_are_close(wanted_words, words):
        return 0.0
    ratio = _ratio("".join(wanted_words), "".join(words))
    return ratio if ratio >= SPELLING_CUTOFF else 0.0


def _words(name: str) -> list[str]:
    words = [word.lower() for word in _WORD.findall(name)]
    return [word for word in words if word not in _FILLER] or words


def _abbreviates(wanted: list[str], words: list[str]) -> bool:
    """Say whether each word is the other's beginning: `layer_norm` and `layer_normalization`."""
    return len(wanted) == len(words) and all(
        one == other
        or (min(len(one), len(other)) >= _LEAST_ABBREVIATION and (one.startswith(other) or other.startswith(one)))
        for one, other in zip(wanted, words, strict=True)
    )


def _words_are_close(wanted: list[str], words: list[str]) -> bool:
    """Say whether names of equally many words differ only a little in each; others are compared as wholes."""
    if len(wanted) != len(words) or len(words) == 1:
        return True
    return all(_ratio(one, other) >= WORD_CUTOFF for one, other in zip(wanted, words, strict=True))


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
