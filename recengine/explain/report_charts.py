"""Charts as SVG text for files that may run nothing: lines, dots with intervals, dots with names. Drawn by attributes and classes alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from recengine.explain.report_html import text

SERIES = 6  # lines that can be told apart by colour and dash; CSS classes s0 … s5
DASHES = ("", "6 4", "2 3", "8 3 2 3", "10 4", "10 3 3 3")
STYLE = """
section{content-visibility:visible;contain-intrinsic-size:none}
div.wide{overflow-x:auto}
div.wide td:first-child{min-width:9rem}
div.wide td.t{min-width:7rem;max-width:16rem}
svg.chart{width:100%;height:auto;max-width:46rem;margin:.4rem 0;background:none}
svg.chart{font:12px system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}
svg.chart text{fill:var(--ink)}
svg.chart text.soft{fill:var(--soft)}
svg.chart line.grid{stroke:var(--line);stroke-width:1}
svg.chart line.zero{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3}
svg.chart .best{fill:var(--up)}
svg.chart .other{fill:var(--soft)}
svg.chart .worse{fill:var(--down)}
svg.chart line.interval{stroke:var(--soft);stroke-width:2;opacity:.6}
svg.chart rect.past{fill:var(--soft);opacity:.25}
svg.chart path{fill:none;stroke-width:2}
svg.chart .s0{stroke:var(--c0)}svg.chart .s1{stroke:var(--c1)}svg.chart .s2{stroke:var(--c2)}
svg.chart .s3{stroke:var(--c3)}svg.chart .s4{stroke:var(--c4)}svg.chart .s5{stroke:var(--c5)}
svg.chart path.equal{stroke:var(--soft);stroke-width:1;stroke-dasharray:4 4}
:root{--c0:#0b6e75;--c1:#d9730d;--c2:#7a4bc0;--c3:#0f3d66;--c4:#b23308;--c5:#5a2a0c}
@media (prefers-color-scheme:dark){:root{--c0:#4cc3c5;--c1:#f2994a;--c2:#a79be0;--c3:#d8f3f0;--c4:#d98a4f;--c5:#f7e26b}}
@media print{:root{--c0:#0b6e75;--c1:#d9730d;--c2:#7a4bc0;--c3:#0f3d66;--c4:#b23308;--c5:#5a2a0c}}
"""
LIGHT = ":root{--ink:#17202a;--soft:#5a6672;--line:#d9dfe5;--up:#0b6e75;--down:#b35a00}"
WIDTH = 720
CHAR = 6.4  # width of a letter at 12 px, for labels that must not overlap


@dataclass(frozen=True)
class Axis:
    """A scale from numbers to places on the page."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        span = (self.high - self.low) or 1.0
        return round(self.start + (value - self.low) / span * (self.end - self.start), 1)

    def ticks(self, about: int = 5) -> list[float]:
        """Round numbers inside the scale."""
        span = self.high - self.low
        if not (span > 0 and math.isfinite(span)):
            return [self.low]
        step = 10 ** math.floor(math.log10(span / about))
        step *= min((m for m in (1, 2, 5, 10) if span / (m * step) <= about), default=10)
        first = math.ceil(self.low / step - 1e-9)
        return [round(i * step, 12) for i in range(first, math.floor(self.high / step + 1e-9) + 1)]


def alone(svg: str) -> str:
    """A chart as a file of its own: with its colours, and no page around it."""
    head = '<svg xmlns="http://www.w3.org/2000/svg" ' + svg.removeprefix("<svg ")
    at = head.index(">") + 1
    return f"{head[:at]}<style>{LIGHT}{STYLE}</style>{head[at:]}"


def interval_dots(
    names: Sequence[str], mid: Sequence[float], low: Sequence[float], high: Sequence[float], digits: int = 3, best: int | None = None,
    zero: bool = False, verdicts: Sequence[str] = (),
) -> str:  # fmt: skip
    """A dot and its interval a row; with `zero` the axis is symmetric about a line at 0."""
    finite = [x for x in (*low, *high, *mid) if math.isfinite(x)]
    if not finite:
        return ""
    bottom, top = min(finite), max(finite)
    if zero:
        top = max(abs(bottom), abs(top)) or 1.0
        bottom = -top
    room = 0.08 * ((top - bottom) or abs(top) or 1.0)
    left = min(240.0, 12 + CHAR * max(len(_cut(n)) for n in names))
    x = Axis(bottom - room, top + room, left, WIDTH - 80)
    height = 26 * len(names) + 34
    out = [_grid_x(x, 8, height - 26, digits, zero)]
    for i, name in enumerate(names):
        y = 22 + 26 * i
        out.append(f'<text x="{left - 10}" y="{y + 4}" text-anchor="end">{text(_cut(name))}</text>')
        if not math.isfinite(mid[i]):
            continue
        if math.isfinite(low[i]) and math.isfinite(high[i]):
            out.append(f'<line class="interval" x1="{x.at(low[i])}" x2="{x.at(high[i])}" y1="{y}" y2="{y}"/>')
        verdict = verdicts[i] if verdicts else ""
        kind = "best" if i == best or verdict == "better" else "worse" if verdict == "worse" else "other"
        out.append(_mark(kind, x.at(mid[i]), y))
        out.append(f'<text class="soft" x="{WIDTH - 6}" y="{y + 4}" text-anchor="end">{_number(mid[i], digits, zero)}</text>')
    return _svg("".join(out), height)


def named_dots(
    names: Sequence[str], x: Sequence[float], y: Sequence[float], x_title: str, y_title: str, best: int, digits: tuple[int, int] = (1, 3)
) -> str:
    """One thing against another; a name at each dot, on the side where it lies over no other, or none where there is no room."""
    shown = [i for i in range(len(names)) if math.isfinite(x[i]) and math.isfinite(y[i])]
    if not shown:
        return ""
    across, up = _padded([x[i] for i in shown], 70, WIDTH - 150), _padded([y[i] for i in shown], 270, 34)
    out = [_grid_x(across, 30, 274, digits[0]), _grid_y(up, 70, WIDTH - 150, digits[1])]
    out.append(f'<text class="soft" x="0" y="16">{text(y_title)}</text>')
    out.append(f'<text class="soft" x="{WIDTH - 150}" y="312" text-anchor="end">{text(x_title)}</text>')
    taken = [(across.at(x[i]) - 6, across.at(x[i]) + 6, up.at(y[i])) for i in shown]
    for i in sorted(shown, key=lambda i: i != best):  # the best one is named first
        at, top = across.at(x[i]), up.at(y[i])
        out.append(_mark("best" if i == best else "other", at, top))
        wide = CHAR * len(_cut(names[i]))
        for side, anchor in ((10.0, "start"), (-10.0, "end")):
            left = at + side if side > 0 else at + side - wide
            if left < 60 or left + wide > WIDTH or any(a < left + wide and left < b and abs(row - top) < 13 for a, b, row in taken):
                continue
            taken.append((left, left + wide, top))
            out.append(f'<text x="{at + side}" y="{top + 4}" text-anchor="{anchor}">{text(_cut(names[i]))}</text>')
            break
    return _svg("".join(out), 318)


def lines(
    curves: Sequence[tuple[str, Sequence[float], Sequence[float]]], x_title: str, y_title: str, digits: int = 3, log_x: bool = False,
    bars: Sequence[float] = (), equal: bool = False,
) -> str:  # fmt: skip
    """Named curves (at most six) over one axis, with bars or the diagonal behind them."""
    curves = list(curves)[:SERIES]
    points = [(x, y) for _, xs, ys in curves for x, y in zip(xs, ys, strict=True) if math.isfinite(x) and math.isfinite(y)]
    if not points:
        return ""

    def scale(value: float) -> float:
        return math.log10(value) if log_x else value

    values = [y for _, y in points] + list(bars) + ([0.0, 1.0] if equal else [])
    xs = [scale(x) for x, _ in points]
    across, up = Axis(min(xs) - (0.5 if bars else 0), max(xs) + (0.5 if bars else 0), 60, WIDTH - 10), _padded(values, 250, 30)
    out = [_grid_y(up, 60, WIDTH - 10, digits)]
    marks = sorted({x for x, _ in points}) if log_x or bars else across.ticks(8)
    for x in marks:
        out.append(f'<text class="soft" x="{across.at(scale(x))}" y="270" text-anchor="middle">{_short(x)}</text>')
    base = up.at(max(up.low, 0.0))
    width = (across.at(1.8) - across.at(1.0)) if bars else 0.0
    for i, value in enumerate(bars):
        x, y = across.at(i + 1) - width / 2, up.at(value)
        out.append(f'<rect class="past" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{base - y:.1f}"/>')
    if equal:
        out.append(f'<path class="equal" d="M{across.at(0)} {up.at(0)}L{across.at(1)} {up.at(1)}"/>')
    for i, (_, own, ys) in enumerate(curves):
        drawn = [f"{across.at(scale(x))} {up.at(y)}" for x, y in zip(own, ys, strict=True) if math.isfinite(y)]
        out.append(f'<path class="s{i}" stroke-dasharray="{DASHES[i]}" d="M{"L".join(drawn)}"/>')
    out.append(f'<text class="soft" x="0" y="14">{text(y_title)}</text>')
    out.append(f'<text class="soft" x="{WIDTH - 10}" y="288" text-anchor="end">{text(x_title)}</text>')
    at, row = 60.0, 310
    for i, (name, _, _) in enumerate(curves):
        said = _cut(name)
        wide = 44 + CHAR * len(said)
        if at + wide > WIDTH:
            at, row = 60.0, row + 20
        out.append(f'<path class="s{i}" stroke-dasharray="{DASHES[i]}" d="M{at} {row - 4}h26"/>')
        out.append(f'<text x="{at + 32}" y="{row}">{text(said)}</text>')
        at += wide + 12
    return _svg("".join(out), row + 12)


def _svg(body: str, height: float) -> str:
    return f'<svg class="chart" viewBox="0 0 {WIDTH} {height:.0f}" role="img">{body}</svg>'


def _mark(kind: str, x: float, y: float) -> str:
    """Shape as well as colour: a diamond for the best or better, a square for worse, else a circle."""
    if kind == "best":
        return f'<polygon class="best" points="{x},{y - 7} {x + 7},{y} {x},{y + 7} {x - 7},{y}"/>'
    if kind == "worse":
        return f'<rect class="worse" x="{x - 5}" y="{y - 5}" width="10" height="10"/>'
    return f'<circle class="other" cx="{x}" cy="{y}" r="5"/>'


def _padded(values: Sequence[float], start: float, end: float) -> Axis:
    finite = [v for v in values if math.isfinite(v)]
    low, high = min(finite), max(finite)
    room = 0.06 * ((high - low) or abs(high) or 1.0)
    return Axis(low - room if low < 0 or low - room > 0 else 0.0, high + room, start, end)


def _grid_x(axis: Axis, top: float, bottom: float, digits: int, zero: bool = False) -> str:
    out = []
    for tick in axis.ticks(5):
        x = axis.at(tick)
        kind = "zero" if zero and abs(tick) < 1e-12 else "grid"
        out.append(f'<line class="{kind}" x1="{x}" x2="{x}" y1="{top}" y2="{bottom}"/>')
        out.append(f'<text class="soft" x="{x}" y="{bottom + 18}" text-anchor="middle">{_number(tick, digits, zero)}</text>')
    return "".join(out)


def _grid_y(axis: Axis, left: float, right: float, digits: int) -> str:
    out = []
    for tick in axis.ticks(5):
        y = axis.at(tick)
        out.append(f'<line class="grid" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>')
        out.append(f'<text class="soft" x="{left - 8}" y="{y + 4}" text-anchor="end">{_number(tick, digits)}</text>')
    return "".join(out)


def _number(value: float, digits: int, signed: bool = False) -> str:
    said = f"{abs(value):,.{digits}f}"
    if not said.strip("0.,"):
        return "0"
    return f"{'−' if value < 0 else '+' if signed else ''}{said}"


def _short(value: float) -> str:
    return f"{value:g}"


def _cut(name: str, longest: int = 28) -> str:
    return name if len(name) <= longest else name[: longest - 1].rstrip() + "…"
