"""An explanation as a PNG; needs the ``plots`` extra."""

import io

from chatbot.errors import ChatbotError
from chatbot.explanation.facts import Explanation
from chatbot.text.clean import is_cjk

_CHINESE_FONTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "PingFang SC", "Heiti SC", "Hiragino Sans GB", "Microsoft YaHei",
    "SimHei", "Droid Sans Fallback", "Arial Unicode MS",
)  # fmt: skip


def as_png(found: Explanation) -> bytes:
    """Return the heat-map of attention.

    Raises:
        ChatbotError: matplotlib is not there, or no font has the reply's Chinese characters.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ChatbotError("pictures need matplotlib", "pip install 'chatbot[plots]', or write .svg or .html") from None
    pieces = [*found.source, *(step.piece for step in found.steps)]
    fonts = _fonts(any(is_cjk(character) for piece in pieces for character in piece))
    size = (2 + 0.32 * len(found.source), 1.5 + 0.32 * len(found.steps))
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    axes.imshow([step.weights for step in found.steps], cmap="Blues", vmin=0, vmax=1, aspect="equal")
    axes.set_xticks(range(len(found.source)), found.source, rotation=90, fontfamily=fonts)
    axes.set_yticks(range(len(found.steps)), [step.piece for step in found.steps], fontfamily=fonts)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    stream = io.BytesIO()
    figure.savefig(stream, dpi=150, format="png")
    return stream.getvalue()


def _fonts(chinese: bool) -> list[str]:
    """Return the fonts to try for each character, of which the first has no Chinese ones."""
    if not chinese:
        return ["DejaVu Sans"]
    from matplotlib.font_manager import findSystemFonts, fontManager

    for rescan in (False, True):
        # matplotlib keeps a list of fonts from its first start, which knows nothing of one installed since.
        listed = {font.fname for font in fontManager.ttflist}
        for path in findSystemFonts() if rescan else []:
            if path not in listed:
                fontManager.addfont(path)
        known = {font.name for font in fontManager.ttflist}
        for name in _CHINESE_FONTS:
            if name in known:
                return ["DejaVu Sans", name]
    hint = "install one (Debian: fonts-noto-cjk), or write .svg or .html, which use the viewer's fonts"
    raise ChatbotError("no font on this machine has Chinese characters", hint)
