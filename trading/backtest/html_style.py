"""The look of the HTML report: one style sheet, light, dark, narrow and printed; no font or picture from anywhere."""

from __future__ import annotations

from typing import Final

from trading.backtest.palette import DARK, LIGHT

_LIGHT: Final = (
    "color-scheme:light;--page:#f6f7f9;--card:#ffffff;--line:#dfe4ea;--grid:#e8ecf0;--quiet:#56616d;--ink:#1b2430;"
    "--main:#0f766e;--bad:#b3261e;--warn:#8a5200;"
)
_DARK: Final = (
    "color-scheme:dark;--page:#0f141b;--card:#171e28;--line:#2a3442;--grid:#243040;--quiet:#9aa7b5;--ink:#e6eaf0;"
    "--main:#34d3be;--bad:#ff8a80;--warn:#f5b041;"
)

_SHEET: Final = """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;background:var(--page)}
body{margin:0 auto;max-width:1180px;padding:1.2rem 1.4rem 3rem;background:var(--page);color:var(--ink);
 font:15px/1.55 "Pretendard","Apple SD Gothic Neo","Malgun Gothic","Noto Sans KR","Noto Sans CJK KR",system-ui,
 sans-serif}
h1{font-size:1.45rem;line-height:1.3;margin:0;letter-spacing:-.01em}
h2{font-size:1.08rem;margin:0 0 .6rem}
h3{font-size:.92rem;margin:1rem 0 .35rem;color:var(--quiet)}
p{margin:.35rem 0}
.quiet,small{color:var(--quiet)}
.sub{color:var(--quiet);margin:.15rem 0 1rem;overflow-wrap:anywhere}
.up{color:var(--up)}.down{color:var(--down)}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.3rem .6rem}
section{background:var(--card);border:1px solid var(--line);border-radius:.7rem;padding:1rem 1.1rem;margin:0 0 .9rem}
.banner{border-left:5px solid var(--bad);font-weight:600}
.notes{border-left:5px solid var(--warn)}.notes p{overflow-wrap:anywhere}
.cards{display:grid;gap:.7rem;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));background:none;border:0;padding:0}
.card{margin:0;background:var(--card);border:1px solid var(--line);border-radius:.7rem;padding:.7rem .9rem}
.card dt{color:var(--quiet);font-size:.82rem}
.card dd{margin:0;font-size:1.2rem;font-weight:700;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.card dd+dd{font-size:.82rem;font-weight:400;color:var(--quiet)}.card span{white-space:nowrap}
.two{display:grid;gap:0 2rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr))}
.scroll{overflow-x:auto}.tall{max-height:30rem;overflow-y:auto}.tall thead th{
 position:sticky;top:0;background:var(--card)}
.scroll:focus-visible{outline:2px solid var(--main)}
table{border-collapse:collapse;width:100%;font-size:.88rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--quiet);font-size:.86rem;padding:0 0 .3rem}
th,td{padding:.33rem .55rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}
thead th{color:var(--quiet);font-weight:600;font-size:.8rem}
tbody th{font-weight:500;text-align:left;white-space:normal}
.text{text-align:left}
tbody tr:last-child>*{border-bottom:0}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1.3rem;margin:0 0 .3rem;font-size:.88rem}
.legend svg{vertical-align:middle;margin-right:.4rem}
.plot{display:block;overflow:visible;margin:0 0 .2rem}
.plot path,.legend path{fill:none;vector-effect:non-scaling-stroke;stroke-linejoin:round;stroke-linecap:round}
.main{stroke:var(--main);stroke-width:1.8}
.beside{stroke:var(--quiet);stroke-width:1.4;stroke-dasharray:5 3}
.price{stroke:var(--quiet);stroke-width:1.2}
.plot .area,.legend .area{fill:var(--down);fill-opacity:.22}.edge{stroke:var(--down);stroke-width:1.2}
.grid line{stroke:var(--grid)}
.labels text{font-size:11.5px;fill:var(--quiet);paint-order:stroke;stroke:var(--card);stroke-width:3px;
 stroke-linejoin:round;font-variant-numeric:tabular-nums}
.buy{fill:var(--up)}.sell{fill:var(--down)}
.buy use,.sell use{stroke:var(--card);stroke-width:.7px}
.months{table-layout:fixed}
.months td,.months thead th{text-align:center;padding:.3rem .2rem}.months th:first-child{text-align:left;border:0}
.months td{border:2px solid var(--card);border-radius:.3rem}
.months .gain{background:color-mix(in srgb,var(--up) var(--deep),var(--card))}
.months .loss{background:color-mix(in srgb,var(--down) var(--deep),var(--card))}
.months .whole{font-weight:700}
code{font:.86rem/1.5 ui-monospace,"D2Coding","Noto Sans Mono CJK KR",monospace}
pre{margin:.2rem 0 .6rem;padding:.6rem .8rem;background:var(--page);border-radius:.5rem;white-space:pre-wrap;
 overflow-wrap:anywhere}
footer{color:var(--quiet);font-size:.84rem}
@media (max-width:640px){
 body{padding:.8rem .7rem 2rem}section{padding:.8rem .75rem}
 .cards{grid-template-columns:1fr 1fr;gap:.5rem;padding:0}.card{padding:.55rem .65rem}.card dd{font-size:1.02rem}
 table{font-size:.82rem}th,td{padding:.3rem .35rem}
 .plot .wide{display:none}
 .months thead{display:none}.months,.months tbody{display:block}
 .months tr{display:grid;grid-template-columns:repeat(4,1fr);margin-bottom:.7rem}
 .months th{grid-column:1/-1;font-weight:700;border:0}
 .months td{display:block;padding:.25rem 0}
 .months td::before{content:attr(data-month);display:block;color:var(--quiet);font-size:.72rem;font-weight:400}
 .months .gain::before,.months .loss::before{color:var(--ink)}
 .months .whole{grid-column:1/-1}
}
@media print{
 body{max-width:none;padding:0;font-size:11px}
 section,.card{break-inside:avoid;border-color:#bbb}.long{break-inside:auto}tr{break-inside:avoid}
 .scroll{overflow:visible;max-height:none}.skip{display:none}
 *{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
"""


def style(palette: str) -> str:
    """The whole style sheet. palette: of results, as the knob says."""
    light, dark = (
        base + "--up:{};--down:{}".format(*colours.get(palette, colours["korean"]))
        for base, colours in ((_LIGHT, LIGHT), (_DARK, DARK))
    )
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}{_SHEET}"
