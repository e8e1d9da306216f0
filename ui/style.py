"""The look: cards, chips, tables. Colours follow the page's light or dark scheme by CSS alone."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

#: the mark of the house, drawn here so that the page asks nobody for a picture
SHIELD: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32">'
    '<path fill="#0f766e" d="M16 2 4 6.5v9C4 23 9 28.2 16 30.5 23 28.2 28 23 28 15.500v-9z"/>'
    '<path fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round" '
    'd="M9 18.500l4.5-4.5 3.5 3.5 6-6.5"/></svg>'
)

_CSS: Final = """
<style>
:root {
  --up: light-dark(#c84a31, #f0806a); --down: light-dark(#1261c4, #6fa8f7);
  --good: light-dark(#0f766e, #34d3be); --warn: light-dark(#9a5b00, #f5b041); --bad: light-dark(#b3261e, #ff8a80);
  --card: light-dark(#ffffff, #171e28); --line: light-dark(#e3e7ec, #2a3442);
  --quiet: light-dark(#5c6773, #9aa7b5); --page: light-dark(#f6f7f9, #0f141b); --ink: light-dark(#1b2430, #e6eaf0);
}
[data-testid="stMainBlockContainer"] { padding: 0.6rem 1.6rem 3rem; max-width: 1500px; }
[data-testid="stHeader"] { height: 2.2rem; background: transparent; pointer-events: none; }
[data-testid="stHeader"] > * { pointer-events: auto; }
[data-testid="stAppDeployButton"] { display: none; }
[data-stale="true"] { opacity: 1 !important; transition: none !important; }
.st-key-top { position: sticky; top: 0; z-index: 90; background: var(--page); padding: 0.9rem 0 0.3rem;
  border-bottom: 1px solid var(--line); }
.tone-up { color: var(--up); } .tone-down { color: var(--down); } .tone-good { color: var(--good); }
.tone-warn { color: var(--warn); } .tone-bad { color: var(--bad); font-weight: 700; }
.tone-quiet { color: var(--quiet); } .tone-flat { color: inherit; }
.num, .card-value, .headline { font-variant-numeric: tabular-nums; }
.headline { display: flex; flex-wrap: wrap; gap: 0.45rem 1.5rem; align-items: center; min-height: 3.4rem; }
.brand { font-weight: 800; font-size: 1.25rem; letter-spacing: -0.02em; white-space: nowrap; display: flex;
  align-items: center; gap: 0.4rem; }
.brand::before { content: ""; width: 1.7rem; height: 1.7rem; background: url("SHIELD") center / contain no-repeat; }
.state { display: flex; flex-wrap: wrap; gap: 0.35rem; align-items: center; }
.beat { color: var(--quiet); font-size: 0.82rem; white-space: nowrap; min-width: 6.5em; }
.wealth { display: flex; flex-direction: column; line-height: 1.25; }
.wealth b { font-size: 1.3rem; font-weight: 750; letter-spacing: -0.01em; }
.wealth small { color: var(--quiet); font-size: 0.75rem; }
.chip { display: inline-flex; align-items: center; gap: 0.38em; padding: 0.16em 0.7em; border-radius: 999px;
  font-size: 0.82rem; font-weight: 650; white-space: nowrap; border: 1px solid var(--line); }
.chip-good { color: var(--good); background: color-mix(in srgb, var(--good) 12%, transparent);
  border-color: color-mix(in srgb, var(--good) 35%, transparent); }
.chip-warn { color: var(--warn); background: color-mix(in srgb, var(--warn) 12%, transparent);
  border-color: color-mix(in srgb, var(--warn) 35%, transparent); }
.chip-bad { color: #fff; background: light-dark(#b3261e, #c62f26); border-color: transparent; }
.chip-up { color: var(--up); background: color-mix(in srgb, var(--up) 12%, transparent); border-color: transparent; }
.chip-down { color: var(--down); background: color-mix(in srgb, var(--down) 12%, transparent);
  border-color: transparent; }
.chip-quiet, .chip-flat { color: var(--quiet); background: color-mix(in srgb, var(--quiet) 10%, transparent); }
.lamp { width: 0.55em; height: 0.55em; border-radius: 50%; background: currentColor; flex: none; }
.venues { flex-basis: 100%; display: flex; flex-wrap: wrap; gap: 0.35rem 0.9rem; font-size: 0.85rem;
  align-items: center; }
.venue { display: inline-flex; gap: 0.45rem; align-items: center; }
.venue-plan { color: var(--quiet); white-space: nowrap; }
.banner { display: flex; flex-wrap: wrap; gap: 0.2rem 0.9rem; padding: 0.65rem 1rem; border-radius: 0.6rem;
  margin: 0 0 0.45rem; font-size: 0.92rem; border-left: 5px solid; }
.banner b { white-space: nowrap; }
.banner-bad { background: color-mix(in srgb, var(--bad) 13%, var(--card)); border-color: var(--bad); }
.banner-bad b { color: var(--bad); }
.banner-warn { background: color-mix(in srgb, var(--warn) 12%, var(--card)); border-color: var(--warn); }
.banner-warn b { color: var(--warn); }
.banner-info { background: color-mix(in srgb, var(--down) 9%, var(--card)); border-color: var(--down); }
.banner-good { background: color-mix(in srgb, var(--good) 11%, var(--card)); border-color: var(--good); }
.banner-good b { color: var(--good); }
.cards { display: grid; gap: 0.7rem; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 0.7rem; padding: 0.75rem 0.95rem;
  min-height: 5.4rem; box-sizing: border-box; }
.card-label { color: var(--quiet); font-size: 0.8rem; margin-bottom: 0.2rem; }
.card-value { font-size: 1.22rem; font-weight: 700; letter-spacing: -0.01em; overflow-wrap: anywhere; }
.card-note { display: flex; flex-wrap: wrap; gap: 0 0.7rem; font-size: 0.8rem; color: var(--quiet); margin-top: 0.2rem;
  font-variant-numeric: tabular-nums; }
.section { font-weight: 700; font-size: 1.02rem; margin: 0.7rem 0 0.4rem; display: flex; flex-wrap: wrap; gap: 0.6rem;
  align-items: baseline; }
.section small { font-weight: 400; color: var(--quiet); }
.sheet { background: var(--card); border: 1px solid var(--line); border-radius: 0.7rem; overflow-x: auto; }
.sheet table { width: 100%; border-collapse: collapse; font-size: 0.88rem; margin: 0; }
.sheet th { text-align: left; font-weight: 600; color: var(--quiet); font-size: 0.76rem; padding: 0.5rem 0.8rem;
  border: none; border-bottom: 1px solid var(--line); white-space: nowrap; }
.sheet td { padding: 0.5rem 0.8rem; border: none; border-bottom: 1px solid var(--line); vertical-align: middle; }
.sheet tr:last-child td { border-bottom: none; }
.sheet .num { text-align: right; white-space: nowrap; }
.sheet .lead { font-weight: 700; white-space: nowrap; }
.sheet .lead small, .sheet td small { display: block; font-weight: 400; color: var(--quiet); font-size: 0.76rem; }
.empty { background: var(--card); border: 1px dashed var(--line); border-radius: 0.7rem; color: var(--quiet);
  padding: 1.1rem; text-align: center; font-size: 0.9rem; }
.rule { display: inline-flex; gap: 0.25em; margin: 0.08rem 0.7rem 0.08rem 0; white-space: nowrap; }
.rule b { color: var(--good); } .rule-no b { color: inherit; }
.rule-no { color: var(--quiet); }
.figure { display: inline-block; margin-right: 0.8rem; color: var(--quiet); white-space: nowrap; font-size: 0.8rem;
  font-variant-numeric: tabular-nums; }
.figure b { color: var(--ink); font-weight: 600; }
.facts { display: flex; flex-wrap: wrap; gap: 0.3rem 0.8rem; }
.sentence { min-width: 15rem; }
.welcome { max-width: 720px; margin: 1.5rem auto; background: var(--card); border: 1px solid var(--line);
  border-radius: 1rem; padding: 1.8rem 2.1rem; line-height: 1.7; }
.welcome h2 { margin: 0 0 0.6rem; font-size: 1.5rem; }
.welcome code, .welcome pre { background: color-mix(in srgb, var(--quiet) 13%, transparent); border-radius: 0.4rem;
  padding: 0.12em 0.45em; font-size: 0.92em; }
.welcome pre { padding: 0.7rem 1rem; overflow-x: auto; }
.log { font: 0.8rem/1.55 ui-monospace, "D2Coding", "Noto Sans Mono CJK KR", monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; }
.log div { padding: 0 0.3rem; } .log .tone-bad { font-weight: 600; }
.st-key-logbox { display: flex; flex-direction: column-reverse !important;
  justify-content: flex-start !important; background: var(--card); }
.st-key-quick-liquidate button, .st-key-control-liquidate button { border-color: var(--bad); color: var(--bad); }
.st-key-confirm-danger button { background: light-dark(#b3261e, #c62f26);
  border-color: transparent; color: #fff; }
.st-key-confirm-danger button:disabled { opacity: 0.4; }
.st-key-dialog-buttons { margin-top: 0.4rem; }
div[role="dialog"] .sheet { max-height: 300px; overflow-y: auto; }
[data-testid="stTabs"] [role="tablist"] { overflow-x: auto; }
[data-testid="stTabs"] [role="tab"] p { font-size: 0.98rem; font-weight: 600; }
@media (min-width: 641px) and (max-width: 1100px) { .headline { gap: 0.4rem 1rem; } }
@media (max-width: 640px) {
  [data-testid="stMainBlockContainer"] { padding: 0.4rem 0.8rem 3rem; }
  .st-key-top { position: static; }
  .cards { grid-template-columns: repeat(2, 1fr); gap: 0.5rem; }
  .card { padding: 0.6rem 0.7rem; } .card-value { font-size: 1.05rem; }
  .sheet { border: none; background: transparent; overflow: visible; }
  .sheet thead { display: none; } .sheet table, .sheet tbody { display: block; }
  .sheet tr { display: grid; grid-template-columns: 1fr 1fr; gap: 0.15rem 0.9rem; background: var(--card);
    border: 1px solid var(--line); border-radius: 0.7rem; padding: 0.6rem 0.8rem; margin-bottom: 0.5rem; }
  .sheet td { display: flex; justify-content: space-between; gap: 0.6rem; padding: 0.12rem 0; border: none;
    text-align: right; font-size: 0.84rem; white-space: normal; }
  .sheet td::before { content: attr(data-label); color: var(--quiet); font-weight: 400; font-size: 0.78rem;
    white-space: nowrap; }
  .sheet td.lead, .sheet td.wide { grid-column: 1 / -1; text-align: left; justify-content: flex-start; }
  .sheet td.lead { font-size: 1rem; } .sheet td.lead::before { content: none; }
  .sheet td.wide::before { min-width: 4.6em; }
  .sentence { min-width: 0; } .rule { white-space: normal; }
  .welcome { padding: 1.2rem; }
}
</style>
"""

#: the whole style sheet
CSS: Final = _CSS.replace("SHIELD", "data:image/svg+xml," + quote(SHIELD))
