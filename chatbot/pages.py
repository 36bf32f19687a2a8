"""HTML pages that need nothing else: no script, no other file; tables and drawings in one string."""

from collections.abc import Iterable, Sequence
from html import escape

FONTS = "'Noto Sans','Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
_STYLE = f"""body{{font:16px/1.5 {FONTS};margin:2rem auto;max-width:64rem;padding:0 1rem;color:#222;background:#fff}}
table{{border-collapse:collapse}}td,th{{padding:.2rem 1rem .2rem 0;text-align:left;vertical-align:top}}
th{{font-weight:600;border-bottom:1px solid #999}}td{{font-variant-numeric:tabular-nums}}
figure{{margin:1rem 0;overflow-x:auto}}svg{{max-width:100%}}
@media(max-width:40rem){{body{{margin:1rem auto;font-size:15px}}.chart{{max-width:none;min-width:34rem}}
td,th{{padding-right:.6rem}}}}"""
"""On a phone, wide tables and charts are moved sideways, each by itself."""


def html_page(title: str, parts: Iterable[str]) -> str:
    """Return a page of ``parts``, which are HTML, under a title, which is text."""
    sized = '<meta name="viewport" content="width=device-width,initial-scale=1">'
    head = f'<meta charset="utf-8">{sized}<title>{escape(title)}</title>'
    start = f"<!doctype html><html><head>{head}<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"
    return "\n".join([start, *parts, "</body></html>"]) + "\n"


def html_table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of texts."""
    lines = ["<tr>" + "".join(f"<th>{escape(cell)}</th>" for cell in heading) + "</tr>"]
    lines += ["<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    return html_figure("<table>" + "\n".join(lines) + "</table>")


def html_figure(drawing: str) -> str:
    """Return what may be wider than the page, or nothing for nothing."""
    return f"<figure>{drawing}</figure>" if drawing else ""


def html_heading(text: str, level: int = 2) -> str:
    """Return a heading below the page's title."""
    return f"<h{level}>{escape(text)}</h{level}>"


def html_text(text: str) -> str:
    """Return a paragraph."""
    return f"<p>{escape(text)}</p>"


def html_list(items: Iterable[str]) -> str:
    """Return a list of texts."""
    return "<ul>" + "\n".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def html_details(summary: str, parts: Iterable[str]) -> str:
    """Return ``parts``, which are HTML, folded up under a line of text."""
    return "\n".join([f"<details><summary>{escape(summary)}</summary>", *parts, "</details>"])
