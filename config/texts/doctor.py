"""Texts of `run_backtest.py doctor`: what is found, why, and what to do."""

TEXTS: dict[str, tuple[str, str]] = {
    "doctor.title": ("{strategy} 전략과 설정을 진단합니다.", "Examining the strategy {strategy} and its settings."),
    "doctor.level.ok": ("정상", "ok"),
    "doctor.level.warning": ("경고", "warning"),
    "doctor.level.fault": ("결함", "fault"),
    "doctor.well": (
        "결함이 없습니다 (경고 {warnings}건, 정상 {ok}건, 결함 {faults}건).",
        "No fault ({warnings} warnings, {ok} ok, {faults} faults).",
    ),
    "doctor.ill": (
        "결함 {faults}건을 고치기 전에는 이 결과를 믿지 마세요 (경고 {warnings}건, 정상 {ok}건).",
        "Do not trust this before its {faults} faults are mended ({warnings} warnings, {ok} ok).",
    ),
    "doctor.strategy.failed": (
        "전략 {strategy}이(가) 오류를 냈습니다({why}). 실전에서는 그 캔들을 건너뜁니다. 전략 파일을 고쳐 주세요.",
        "The strategy {strategy} fails ({why}); live such candles are skipped. Mend its file.",
    ),
    # rows
    "doctor.look_ahead.seen": (
        "미래 참조: {symbol}에서 {cut} 캔들의 시가 이후만 바꾸었는데 {row} 행의 {column} 값이 달라졌습니다. "
        "그때 알 수 없던 값을 쓰므로 실전에서는 같은 결과가 나오지 않습니다. 마감된 캔들만 쓰도록 한 칸 미루세요(shift).",
        "Look-ahead: for {symbol}, changing only what follows the open of the candle of {cut} changed {column} in the "
        "row of {row}; it uses what could not be known then, so live will differ. Shift it to closed candles.",
    ),
    "doctor.look_ahead.none": (
        "미래 참조 없음: 시계열 {series}개에서 {points}개 시점 이후를 바꾸어도 그때까지의 값은 그대로입니다.",
        "No look-ahead: {series} series changed after {points} points each, the rows up to there stayed.",
    ),
    "doctor.window.short": (
        "계산 구간 부족: {symbol} {row} 행의 {column} 값이 전체 기록으로는 {whole}, 실전처럼 최근 {window}개 캔들로는 "
        "{windowed}입니다. 실전의 판단이 달라지니 전략의 window를 늘려 주세요.",
        "Window too short: {column} of {symbol} in the row of {row} is {whole} from the whole history but {windowed} "
        "from the last {window} candles, as live sees it; live decides otherwise. Lengthen the strategy's window.",
    ),
    "doctor.window.untried": (
        "계산 구간을 확인하지 못했습니다: 캔들이 {candles}개뿐인데 실전은 최근 {window}개로 판단합니다. 더 긴 데이터를 주세요.",
        "The window could not be tried: there are {candles} candles, live decides from the last {window}. Give more data.",
    ),
    "doctor.window.enough": (
        "계산 구간 충분: 최근 {window}개 캔들의 판단이 전체 기록의 판단과 같습니다.",
        "The window is enough: the last {window} candles decide like the whole history.",
    ),
    "doctor.warmup.long": (
        "준비 구간이 데이터보다 깁니다: {symbol}의 캔들 {candles:,}개 중 처음 {warmup}개에서는 진입하지 않습니다. 더 긴 데이터를 주세요.",
        "The warm-up is longer than the data: {symbol} has {candles} candles, the first {warmup} take no entry. "
        "Give more data.",
    ),
    "doctor.entries.never": (
        "진입 조건이 {rows:,}개 캔들에서 한 번도 맞지 않았습니다. 가장 드문 조건은 {condition}(으)로 {held}에서만 참입니다. "
        "--param으로 전략의 조건을 풀어 주세요.",
        "The strategy's own conditions were met in none of {rows:,} candles; the rarest, {condition}, held in {held}. "
        "Loosen them with --param.",
    ),
    "doctor.entries.some": (
        "필터가 없으면 {rows:,}개 캔들 중 {entries}개({share})에서 진입 조건이 맞습니다.",
        "Without filters {entries} of {rows:,} candles ({share}) meet the entry conditions.",
    ),
    "doctor.filter.closed": (
        "필터 {name}이(가) 모든 진입을 막습니다: 전체 캔들의 {share}만 통과시키고, 진입 {entries}건 중에서는 {passed}건이 통과합니다. "
        "이 필터를 끄면 진입은 {together}건에서 {without}건이 됩니다. {knob} 으로 끄거나 전략을 바꾸세요.",
        "The filter {name} blocks every entry: it lets {share} of the candles pass, but {passed} of {entries} entries. "
        "Without it there are {without} entries instead of {together}; switch it off with {knob} or change the strategy.",
    ),
    "doctor.filter.few": (
        "필터 {name}이(가) 거의 모든 진입을 막습니다: 전체 캔들의 {share}, 진입 {entries}건 중 {passed}건만 통과합니다. "
        "이 필터를 끄면 진입은 {together}건에서 {without}건이 됩니다({knob}).",
        "The filter {name} blocks nearly every entry: it lets {share} of the candles and {passed} of {entries} entries "
        "pass. Without it there are {without} entries instead of {together} ({knob}).",
    ),
    "doctor.filter.open": (
        "필터 {name}: 전체 캔들의 {share}, 진입 {entries}건 중 {passed}건이 통과합니다. 끄면 진입은 {together}건에서 "
        "{without}건이 됩니다({knob}).",
        "The filter {name} lets {share} of the candles and {passed} of {entries} entries pass; without it there are "
        "{without} instead of {together} ({knob}).",
    ),
    "doctor.filters.exclude": (
        "필터 {one}와(과) {other}은(는) 같은 캔들에서 함께 통과한 적이 없어 진입이 불가능합니다. 둘 중 하나를 끄세요(예: {cure}).",
        "The filters {one} and {other} never pass in the same candle, so nothing can enter. Switch one off, e.g. {cure}.",
    ),
    "doctor.filters.closed": (
        "필터({names})가 하나씩은 통과해도 함께 켜면 진입 {entries}건 중 {left}건({share})만 남습니다. 일부를 끄거나 전략을 바꾸세요.",
        "Each of the filters ({names}) lets some entries pass, together {left} of {entries} ({share}). "
        "Switch some off or change the strategy.",
    ),
    "doctor.filters.few": (
        "필터({names})를 함께 켜면 진입 {entries}건 중 {left}건({share})만 남습니다. 일부를 끄면 거래가 늘어납니다.",
        "Together the filters ({names}) leave {left} of {entries} entries ({share}); switching some off brings more.",
    ),
    "doctor.filters.open": (
        "필터({names})를 함께 켜면 진입 {entries}건 중 {left}건({share})이 남습니다.",
        "Together the filters ({names}) leave {left} of {entries} entries ({share}).",
    ),
    "doctor.gaps.none": ("빠진 캔들이 없습니다(캔들 {candles:,}개).", "No candle is missing ({candles:,} candles)."),
    "doctor.gaps.few": (
        "빠진 캔들 {missing}개({share}), 빈 구간 {holes}곳. 가장 긴 곳은 {symbol} {since} 이후 {longest}개입니다.",
        "{missing} candles are missing ({share}) in {holes} places; the longest gap is {longest} of {symbol} "
        "after {since}.",
    ),
    "doctor.gaps.many": (
        "빠진 캔들이 많습니다: {missing}개({share}), 빈 구간 {holes}곳, 가장 긴 곳은 {symbol} {since} 이후 {longest}개입니다. "
        "실전과 다르게 움직일 수 있으니 데이터를 다시 받거나 그 기간을 빼세요.",
        "Many candles are missing: {missing} ({share}) in {holes} places, the longest {longest} of {symbol} after "
        "{since}. Live may act otherwise there; fetch the data again or leave that time out.",
    ),
    # trades
    "doctor.trades.none": (
        "끝난 거래가 없어 아무것도 판단할 수 없습니다(보유 중 {open}건). 기간을 늘리거나 조건을 풀어 주세요.",
        "No trade was closed ({open} still open), so nothing can be said. Give a longer time or loosen the conditions.",
    ),
    "doctor.trades.one": (
        "거래가 1건뿐입니다(수익률 {mean}). 우연과 구별할 수 없으니 {least}건 이상 나오도록 기간을 늘려 주세요.",
        "There is one trade ({mean}): it cannot be told from chance. Give a time that brings {least} or more.",
    ),
    "doctor.trades.few": (
        "거래가 {trades}건뿐입니다: 거래당 평균 {mean}, 표준오차 {error}, 즉 {low} ~ {high} 어디든 될 수 있습니다. "
        "{least}건 이상 나오도록 기간을 늘려 주세요.",
        "There are only {trades} trades: {mean} on average with a standard error of {error}, so anything from {low} to "
        "{high}. Give a time that brings {least} or more.",
    ),
    "doctor.trades.vague": (
        "거래 {trades}건의 평균 {mean}은(는) 우연과 구별되지 않습니다: 표준오차 {error}, {low} ~ {high}에 0이 들어 있습니다. "
        "기간이나 종목을 늘려 확인하세요({least}건은 최소한입니다).",
        "The mean of {trades} trades, {mean}, cannot be told from chance: standard error {error}, and {low} to {high} "
        "holds zero. Try more time or more symbols ({least} trades are a bare minimum).",
    ),
    "doctor.trades.lose": (
        "확실히 잃습니다: 거래 {trades}건(최소 {least}건)의 평균 {mean}, 표준오차 {error}({low} ~ {high}). 우연이 아니니 이대로 쓰지 마세요.",
        "It loses, and not by chance: {trades} trades (at least {least}) with a mean of {mean}, standard error {error} "
        "({low} to {high}). Do not run it like this.",
    ),
    "doctor.trades.sure": (
        "거래 {trades}건(최소 {least}건): 거래당 평균 {mean}, 표준오차 {error}({low} ~ {high}).",
        "{trades} trades (at least {least}): {mean} on average, standard error {error} ({low} to {high}).",
    ),
    "doctor.costs.no_profit": (
        "비용을 빼기 전에도 이익이 없습니다: 총손익 {gross}, 수수료 {fees}, 슬리피지 {slippage}. 거래당 비용은 거래 금액의 {paid}입니다. "
        "비용이 아니라 전략을 바꿔야 합니다.",
        "There is no profit even before costs: gross {gross}, fees {fees}, slippage {slippage}. A round trip costs {paid} "
        "of its amount. The strategy must change, not the costs.",
    ),
    "doctor.costs.eaten": (
        "비용이 이익을 모두 가져갑니다: 총이익 {gross} 중 {share} (수수료 {fees}, 슬리피지 {slippage}). 거래당 비용 {paid}, 본전 비용 "
        "{even}. 거래를 줄이거나 익절 폭을 넓히거나 수수료가 낮은 거래소를 쓰세요.",
        "Costs take all of the profit: {share} of gross {gross} (fees {fees}, slippage {slippage}). A round trip costs "
        "{paid}, it breaks even at {even}. Trade less, aim for more per trade, or find lower fees.",
    ),
    "doctor.costs.dear": (
        "비용이 총이익 {gross}의 {share}를 가져갑니다(수수료 {fees}, 슬리피지 {slippage}). 거래당 비용 {paid}, 본전 비용 {even}. "
        "조금만 나빠져도 손실이 되니 거래를 줄이거나 익절 폭을 넓히세요.",
        "Costs take {share} of the gross profit {gross} (fees {fees}, slippage {slippage}). A round trip costs {paid}, it "
        "breaks even at {even}. A little worse and it loses: trade less or aim for more per trade.",
    ),
    "doctor.costs.fair": (
        "비용은 총이익 {gross}의 {share}입니다(수수료 {fees}, 슬리피지 {slippage}). 거래당 비용 {paid}, 본전 비용 {even}.",
        "Costs take {share} of the gross profit {gross} (fees {fees}, slippage {slippage}). A round trip costs {paid}, it "
        "breaks even at {even}.",
    ),
    "doctor.stress.breaks": (
        "비용이 두 배가 되면 이익이 사라집니다: 비용 없이 {free}, 지금 {net}, 두 배 {doubled}. 실전의 체결은 더 나쁠 수 있으니 여유를 두세요.",
        "The profit is gone at doubled costs: {free} without costs, {net} now, {doubled} doubled. Live fills may be "
        "worse: leave more room.",
    ),
    "doctor.stress.result": (
        "수익률: 비용 없이 {free}, 지금 {net}, 비용 두 배에서 {doubled}.",
        "Return: {free} without costs, {net} now, {doubled} at doubled costs.",
    ),
    "doctor.ambiguous.many": (
        "거래 {trades}건 중 {doubtful}건({share})은 캔들 안의 순서를 몰라 결과가 불확실합니다. --detail 로 더 짧은 캔들을 주세요.",
        "{doubtful} of {trades} trades ({share}) hang on what happened first inside a candle. Give finer candles with "
        "--detail.",
    ),
    "doctor.ambiguous.few": (
        "캔들 안의 순서가 모호한 거래: {trades}건 중 {doubtful}건({share}).",
        "Trades that hang on the order inside a candle: {doubtful} of {trades} ({share}).",
    ),
    "doctor.gates.latched": (
        "{date} (KST)에 한도 {gate}에 걸려 그 뒤로는 진입하지 않았습니다. 결과는 그때까지의 것입니다. 손실 원인을 먼저 보고, "
        "연구용으로만 --set {gate}=0 으로 끄세요.",
        "The limit {gate} tripped on {date} (KST): no entries after that, so the result ends there. Look into the losses "
        "first; switch it off with --set {gate}=0 for research only.",
    ),
    "doctor.gates.none": (
        "진입을 거절한 제한이 없습니다(진입 {entered}건).",
        "No gate refused an entry ({entered} entries).",
    ),
    "doctor.gates.some": (
        "진입 {entered}건, 제한으로 거절 {refused}건: {gates}.",
        "{entered} entries, {refused} refused by gates: {gates}.",
    ),
    "doctor.gates.many": (
        "진입하려던 것의 절반 넘게 제한이 막았습니다: 진입 {entered}건, 거절 {refused}건 ({gates}). 결과는 전략보다 제한 {first}에 달려 "
        "있으니 그 값을 확인하세요.",
        "Gates refused more than half of what wanted in: {entered} entries, {refused} refused ({gates}). The result hangs "
        "on the gate {first} more than on the strategy: check its value.",
    ),
    # exits
    "doctor.exits.hold": (
        "최소 보유({least}분)가 최대 보유({longest}분)보다 짧지 않아 익절, 추적 손절, 청산 신호가 작동할 수 없습니다. "
        "min_hold_minutes, min_hold_candles 를 줄이거나 max_hold_minutes 를 늘리세요.",
        "The minimum hold ({least} minutes) is not shorter than the maximum ({longest}), so take-profit, trailing stop and "
        "exit signal cannot act. Lower min_hold_minutes or min_hold_candles, or raise max_hold_minutes.",
    ),
    "doctor.exits.stop": (
        "손절 {stop}은(는) 작동하지 않습니다: 더 가까운 긴급 손절 {emergency}이(가) 먼저 닿습니다. stop_loss_percent 를 줄이거나 "
        "emergency_stop_percent 를 늘리세요.",
        "The stop-loss of {stop} never acts: the emergency stop at {emergency} is nearer. Lower stop_loss_percent or raise "
        "emergency_stop_percent.",
    ),
    "doctor.exits.atr": (
        "ATR 손절(ATR x {multiplier})은 작동하지 않습니다: 가장 가까울 때도 {nearest} 아래이고, 긴급 손절 {emergency}이(가) 먼저 닿습니다. "
        "atr_multiplier 를 줄이거나 emergency_stop_percent 를 늘리세요.",
        "The ATR stop (ATR x {multiplier}) never acts: at its nearest it lies {nearest} away, and the emergency stop at "
        "{emergency} comes first. Lower atr_multiplier or raise emergency_stop_percent.",
    ),
    "doctor.exits.trailing": (
        "추적 손절은 작동하지 않습니다: {arm} 올라야 켜지는데 익절 {take}에서 먼저 팝니다. trailing_arm_percent 를 줄이거나 "
        "take_profit_percent 를 늘리세요.",
        "The trailing stop never acts: it is armed {arm} above the entry, but the take-profit at {take} comes first. Lower "
        "trailing_arm_percent or raise take_profit_percent.",
    ),
    "doctor.exits.take": (
        "{symbol}: 익절 {take}이(가) 왕복 비용 {cost}(수수료와 슬리피지)보다 크지 않아 익절해도 이익이 없습니다. "
        "take_profit_percent 를 늘리세요.",
        "{symbol}: the take-profit of {take} is not above the round trip's costs of {cost} (fees and slippage), so even a "
        "take-profit gains nothing. Raise take_profit_percent.",
    ),
    "doctor.exits.never": (
        "켜져 있지만 거래 {trades}건에서 한 번도 나오지 않은 청산: {names}. 실제 청산은 {shares}입니다. 값이 너무 멀지 않은지 확인하세요.",
        "Switched on, but never seen in {trades} trades: {names}. What happened: {shares}. Check whether they lie too far "
        "away.",
    ),
    "doctor.exits.possible": (
        "켜진 청산이 모두 작동할 수 있습니다: {names}.",
        "Every exit that is on can act: {names}.",
    ),
}
