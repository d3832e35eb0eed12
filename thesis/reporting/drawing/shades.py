"""The style of drawings: every role as a variable with a shade for light and for dark paper."""

from thesis.reporting.theme import PALETTE

#: Shapes of keys: corners cut out of a square.
_CUT = {
    "diamond": "50% 0,100% 50%,50% 100%,0 50%",
    "triangle-up": "50% 0,100% 100%,0 100%",
    "triangle-down": "0 0,100% 0,50% 100%",
    "x": "12% 0,50% 38%,88% 0,100% 12%,62% 50%,100% 88%,88% 100%,50% 62%,12% 100%,0 88%,38% 50%,"
    "0 12%",
}

_DRAWING = """
.drawing text{stroke:none}
.drawing .rim{paint-order:stroke;stroke:var(--paper);stroke-width:2.5px;stroke-linejoin:round}
.drawing .line,.drawing .hollow{fill:none}
.drawing .line,.drawing .stroke{stroke-linejoin:round;stroke-linecap:butt}
.drawing .simulated{font-weight:800;pointer-events:none}
.drawing .cross{stroke:var(--ink);stroke-width:1;stroke-dasharray:3 3;pointer-events:none}
.drawing .here{fill:none;stroke:var(--ink);stroke-width:1.5;pointer-events:none}
.drawing{touch-action:pan-y}
.tip{position:fixed;z-index:20;max-width:min(22rem,92vw);padding:.35rem .6rem;border:1px solid \
var(--muted);border-radius:.3rem;background:var(--paper);color:var(--ink);font-size:.82rem;\
line-height:1.4;white-space:pre-line;pointer-events:none}
.key{display:inline-block;width:.75em;height:.75em;margin-right:.45em;vertical-align:-.05em;\
background:var(--key);-webkit-print-color-adjust:exact;print-color-adjust:exact}
.key-line,.key-dashed,.key-dotted{width:1.7em;height:0;vertical-align:.25em;border-top:.17em solid \
var(--key);background:none}
.key-dashed{border-top-style:dashed}
.key-dotted{border-top-style:dotted}
.key-area{width:1.4em}
.key-circle{border-radius:50%}
.key-diamond-open{background:none;border:.14em solid var(--key);transform:rotate(45deg) scale(.85)}
@media print{.tip,.drawing .cross,.drawing .here{display:none}}
"""


def stylesheet() -> str:
    """The CSS of drawings and of their keys.

    A role is a variable (``--basket``), a fill (``.f-basket``), a stroke (``.s-basket``) and a
    key's colour (``.k-basket``). Paper is dark where the reader's system is or ``data-theme`` of
    the root says ``dark``, and always light in print.
    """
    light, dark = variables("light"), variables("dark")
    return (
        f":root{{{light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n"
        f":root[data-theme=dark]{{{dark}}}\n"
        f"@media print{{:root,:root[data-theme=dark],:root:not([data-theme=light]){{{light}}}}}\n"
        f"{rules()}"
    )


def variables(paper: str) -> str:
    """Every role as a variable, with its shade for one paper: ``light`` or ``dark``."""
    shades = ";".join(f"--{role}:{getattr(shade, paper)}" for role, shade in PALETTE.items())
    return f"{shades};color-scheme:{paper}"


def rules() -> str:
    """The CSS that gives drawings and keys the colours of the variables."""
    roles = "\n".join(
        f".f-{role}{{fill:var(--{role})}}.s-{role}{{stroke:var(--{role})}}"
        f".k-{role}{{--key:var(--{role})}}"
        for role in PALETTE
    )
    cut = "\n".join(f".key-{kind}{{clip-path:polygon({at})}}" for kind, at in _CUT.items())
    return f"{roles}\n{cut}{_DRAWING}"
