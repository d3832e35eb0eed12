"""One look for every figure: colours by role, fonts that have Chinese, and the watermark.

A colour is a role with two shades, for light and for dark paper. The roles keep apart for readers
who see no red and green (blue against orange, after Okabe and Ito), and no rise is red or green,
which mean the opposite in Shanghai and New York. Lines and text keep 4.5:1 against their paper.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shade:
    """A colour on light paper and on dark paper, as ``#rrggbb``."""

    light: str
    dark: str


#: The roles. No figure uses a colour that is not here, so that a page can print it on dark paper.
PALETTE: dict[str, Shade] = {
    "paper": Shade("#ffffff", "#14181d"),
    "ink": Shade("#1b1f24", "#e8ecf0"),
    "muted": Shade("#57606a", "#a3aeb9"),
    "grid": Shade("#e3e6ea", "#2b3138"),
    "basket": Shade("#0b5cad", "#6cb4ff"),
    "sector": Shade("#a34a00", "#ff9f5a"),
    "benchmark": Shade("#4d5661", "#b4bec8"),
    "net": Shade("#00715a", "#4fd1ac"),
    "event": Shade("#7a3fa0", "#c79bf0"),
    "gain": Shade("#1769aa", "#7dbcf5"),
    "loss": Shade("#b3400a", "#ff9a66"),
    "total": Shade("#4d5662", "#b4bec9"),
    "fan_outer": Shade("#e4dff0", "#2c2740"),
    "fan_inner": Shade("#c9bfe2", "#433a63"),
    "fan_middle": Shade("#6b4fa0", "#b8a3e8"),
    "watermark": Shade("#c00020", "#ff5c72"),
    # Rating bands as zones of excess: above zero, around it, below it; 2 further from zero.
    "band_above_2": Shade("#cfe3f7", "#17395c"),
    "band_above_1": Shade("#e7f1fb", "#122a43"),
    "band_middle": Shade("#f3f3f0", "#20252b"),
    "band_below_1": Shade("#fbe6d8", "#45291a"),
    "band_below_2": Shade("#fad9c2", "#5e3317"),
    # Cells of a surface, from the most below zero to the most above.
    "cell_0": Shade("#8c2d04", "#ff8a4d"),
    "cell_1": Shade("#cc5a18", "#d96a2b"),
    "cell_2": Shade("#ee8f4f", "#a84f1d"),
    "cell_3": Shade("#f7bf94", "#74391a"),
    "cell_4": Shade("#fbe3d0", "#452a1b"),
    "cell_5": Shade("#f4f4f2", "#262c33"),
    "cell_6": Shade("#dceaf7", "#1a3047"),
    "cell_7": Shade("#aecfeb", "#1e4a75"),
    "cell_8": Shade("#74aedc", "#2a6cab"),
    "cell_9": Shade("#3583c4", "#4795dc"),
    "cell_10": Shade("#084a8a", "#7dc0ff"),
}

#: Fonts with Chinese on macOS, Windows, Android and Linux, in that order.
FONTS = (
    'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", '
    '"Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei", '
    '"WenQuanYi Zen Hei", sans-serif'
)


def colour(role: str) -> str:
    """The colour of a role on light paper.

    Raises
    ------
    KeyError
        If there is no such role.

    Examples
    --------
    >>> colour("basket")
    '#0b5cad'
    """
    return PALETTE[role].light


def role_of(shade: str) -> str:
    """The role that a colour on light paper stands for.

    Raises
    ------
    ValueError
        If no role has it: then it could not be shown on dark paper.

    Examples
    --------
    >>> role_of("#0b5cad")
    'basket'
    """
    for role, found in PALETTE.items():
        if found.light == shade:
            return role
    raise ValueError(f"{shade!r} is the colour of no role; take one of {', '.join(PALETTE)}")
