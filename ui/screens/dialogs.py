"""Dialogs before a command that matters: change of strategy, liquidation, stop. Drawn from the page, never polled."""

from __future__ import annotations

from typing import Any

import streamlit as st

from config.presets import PRESETS
from trading.ipc.readers import Snapshot
from ui import markup
from ui.markup import Html
from ui.screens import session
from ui.screens.boundary import part
from ui.screens.session import OpenDialog
from ui.screens.tables import columns
from ui.view import choices, selloff
from ui.view.choices import Param
from ui.voice import Voice
from ui.watch import Desk

#: puts the focus on the safe button as soon as the dialog stands; no data goes into it
_FOCUS = """<script>
(() => {
  let tries = 0, over = false;
  const done = () => { over = true; };
  document.addEventListener('pointerdown', done, { once: true, capture: true });
  document.addEventListener('keydown', done, { once: true, capture: true });
  const seek = () => {
    const safe = document.querySelector('.st-key-dialog-cancel button');
    if (over || tries++ > 10) return;
    if (safe && document.activeElement !== safe) safe.focus({ preventScroll: true });
    setTimeout(seek, 60);
  };
  seek();
})();
</script>"""


def show(desk: Desk, voice: Voice) -> None:
    """Draws the dialog that stands open, if one does."""
    standing = session.dialog()
    if standing is None:
        return
    bodies = {"liquidate": _liquidate, "stop": _stop, "strategy": _strategy}
    body = bodies[standing.name]
    title = voice.say(f"dialog.{standing.name}")

    @st.dialog(title, width="medium", on_dismiss=session.close_dialog)
    def framed() -> None:
        with part("dialog", voice):
            body(desk, standing, voice)

    framed()


def _ask(
    desk: Desk,
    standing: OpenDialog,
    voice: Voice,
    kind: str,
    args: dict[str, Any],
    label: str,
    ready: bool,
    danger: bool,
) -> None:
    """Cancel (which has the focus) and confirm."""
    if standing.error:
        st.html(markup.banner("bad", voice.say("not_sent"), standing.error).code)
    with st.container(horizontal=True, horizontal_alignment="right", key="dialog-buttons"):
        left = st.button(voice.say("dialog.cancel"), key="dialog-cancel", on_click=session.close_dialog)
        with st.container(key="confirm-danger" if danger else "confirm", width="content"):
            done = st.button(label, key="dialog-confirm", type="primary", disabled=not ready or not desk.guarded)
    st.html(_FOCUS, unsafe_allow_javascript=True)
    if done and ready:  # here and not in a callback: a callback would know only the values of the run before
        session.send_and_close(desk, kind, args, standing.id)
    if left or done:
        st.rerun()


def _venues(snapshot: Snapshot) -> list[str]:
    status = snapshot.status.value
    return list(status.venues) if status is not None else list(snapshot.portfolios)


def _liquidate(desk: Desk, standing: OpenDialog, voice: Voice) -> None:
    snapshot = desk.watch.look()
    venues = _venues(snapshot)
    scope = selloff.ALL
    if len(venues) > 1:
        chosen = st.segmented_control(
            voice.say("control.scope"),
            [selloff.ALL, *venues],
            default=selloff.ALL,
            required=True,
            format_func=lambda name: voice.term("venue", name) if name else voice.say("all_venues"),
            key=f"selloff-scope-{standing.id}",
        )
        scope = chosen if chosen in venues else selloff.ALL
    sale = selloff.selloff(snapshot, scope, voice)
    st.html(_sale(sale, snapshot, voice).code)
    typed = st.text_input(
        voice.say("selloff.type", phrase=voice.say("selloff.phrase")),
        key=f"selloff-phrase-{standing.id}",
        placeholder=voice.say("selloff.phrase"),
        live=True,
        autocomplete="off",
    )
    args: dict[str, Any] = {"all": True, **({"venue": scope} if scope else {})}
    _ask(desk, standing, voice, "liquidate", args, voice.say("selloff.do"), selloff.matches(typed or "", voice), True)


def _sale(sale: selloff.Selloff, snapshot: Snapshot, voice: Voice) -> Html:
    rows = [(one.symbol, one.venue, one.quantity, one.value, one.pnl) for one in sale.rows]
    titles = columns(voice, "selloff", "symbol* venue quantity# value# pnl#")
    pieces = [markup.table(titles, rows, voice.say("selloff.none"))]
    said = [voice.say("selloff.total", count=len(sale.rows), total=sale.totals or "–", orders=sale.orders)]
    said.append(voice.say("selloff.after"))
    pieces.append(markup.block("section", Html(f"<small>{markup.html(' '.join(said))}</small>")))
    if sale.blind:
        pieces.append(markup.banner("warn", voice.say("selloff.blind"), ", ".join(sale.blind)))
    if not snapshot.alive:
        pieces.append(markup.banner("bad", voice.say("dialog.no_bot"), voice.say("selloff.no_bot")))
    return markup.joined(pieces)


def _stop(desk: Desk, standing: OpenDialog, voice: Voice) -> None:
    snapshot = desk.watch.look()
    held = sum(len(look.value.details) for look in snapshot.portfolios.values() if look.value)
    st.markdown(voice.say("stop.body"))
    if held:
        st.html(markup.banner("warn", voice.say("stop.held", count=held), voice.say("stop.held.do")).code)
    _ask(desk, standing, voice, "stop", {}, voice.say("stop.do"), True, True)


def _strategy(desk: Desk, standing: OpenDialog, voice: Voice) -> None:
    snapshot = desk.watch.look()
    venues = _venues(snapshot) or ["upbit"]
    venue = venues[0]
    if len(venues) > 1:
        venue = st.selectbox(
            voice.say("control.scope"), venues, format_func=lambda name: voice.term("venue", name), key="strategy-venue"
        )
    status = snapshot.status.value
    now = status.venues.get(venue) if status is not None else None
    by_preset = _by_preset(voice)
    offered = choices.presets(venue, voice) if by_preset else choices.plans(voice)
    current = (now.preset if by_preset else now.strategy) if now is not None else ""
    names = [one.name for one in offered]
    chosen = st.selectbox(
        voice.say("strategy.preset" if by_preset else "strategy.strategy"),
        offered,
        index=names.index(current) if current in names else 0,
        format_func=lambda one: one.label,
        key=f"strategy-choice-{venue}-{by_preset}",
    )
    if chosen.text:
        st.caption(chosen.text)
    if not by_preset and (left_out := choices.refused(voice)):
        st.html(markup.banner("warn", voice.say("strategy.refused"), " ".join(left_out)).code)
    preset = chosen.name if by_preset else None
    values = _form(choices.params(chosen.strategy, preset, voice), f"{venue}-{chosen.name}", voice)
    keep = _keep(voice)
    args = choices.arguments(venue, preset, chosen.strategy, values, keep, voice)
    if by_preset and not _limits(chosen.name):
        st.html(markup.banner("warn", voice.say("strategy.no_limits"), voice.say("strategy.no_limits.do")).code)
    _ask(desk, standing, voice, "set_strategy", args, voice.say("strategy.do"), True, False)


def _limits(preset: str) -> bool:
    return bool(PRESETS[preset].knobs.get("daily_loss_limit", 1.0))


def _by_preset(voice: Voice) -> bool:
    ways = [voice.say("strategy.by_preset"), voice.say("strategy.by_strategy")]
    return bool(st.radio(voice.say("strategy.by"), ways, horizontal=True, key="strategy-by") == ways[0])


def _keep(voice: Voice) -> bool:
    ways = [voice.say("strategy.keep"), voice.say("strategy.close")]
    return bool(st.radio(voice.say("strategy.positions"), ways, key="strategy-positions") == ways[0])


def _form(spec: tuple[Param, ...], key: str, voice: Voice) -> dict[str, Any]:
    """The parameters, each with its bounds and default."""
    if not spec:
        return {}
    with st.expander(voice.say("strategy.params", count=len(spec))):
        return {one.name: _field(one, f"param-{key}-{one.name}", voice) for one in spec}


def _field(one: Param, key: str, voice: Voice) -> Any:
    if one.kind == "bool":
        return st.checkbox(one.label, value=bool(one.default), key=key, help=one.name)
    if one.kind == "choice":
        return st.selectbox(one.label, one.choices, index=one.choices.index(one.default), key=key, help=one.name)
    whole = one.kind == "int"
    bounds = (
        voice.say("strategy.bounds", name=one.name, low=f"{one.low:g}", high=f"{one.high:g}", default=one.default)
        if (one.low is not None and one.high is not None)
        else one.name
    )
    kind: Any = int if whole else float
    return st.number_input(
        one.label,
        min_value=None if one.low is None else kind(one.low),
        max_value=None if one.high is None else kind(one.high),
        value=kind(one.default),
        step=1 if whole else 0.05,
        key=key,
        help=bounds,
    )
