"""Texts of `run_backtest.py`."""

TEXTS: dict[str, tuple[str, str]] = {
    "backtest.latched": (
        "최대낙폭 한도에 걸려 {date} (KST) 이후에는 새로 사지 않았습니다.",
        "The drawdown limit latched on {date} (KST): no entries after that.",
    ),
    "backtest.title": (
        "{strategy} · {symbols} · {timeframe} · {start} ~ {end} (KST)",
        "{strategy} · {symbols} · {timeframe} · {start} to {end} (KST)",
    ),
    "backtest.filter_closed": (
        "진입 필터 '{name}'을(를) 한 번도 통과하지 못해 거래가 없을 수 있습니다. --set {knob}=false 로 끌 수 있습니다.",
        "The entry filter '{name}' let no candle pass, so there may be no trade; --set {knob}=false switches it off.",
    ),
    "backtest.detail_shorter": (
        "세부 캔들은 {start} ~ {end} (KST)만 있어 그 기간만 실행했습니다.",
        "The detail candles cover {start} to {end} (KST) only, so only that time was executed.",
    ),
    "backtest.not_multiple": (
        "--detail 캔들({detail})은 --timeframe({timeframe})보다 짧고 그 시간을 나누어야 합니다.",
        "--detail candles ({detail}) must be shorter than --timeframe ({timeframe}) and divide it.",
    ),
    "backtest.compiling": (
        "계산 엔진을 처음 한 번 컴파일합니다. 30초쯤 걸리며, 다음부터는 바로 시작합니다.",
        "Compiling the engine, once: about 30 seconds; from the next run on it starts at once.",
    ),
    "backtest.no_perpetual": (
        "--funding 과 --mark 는 선물(binance_futures)에만 쓸 수 있습니다. {venue}에는 빼 주세요.",
        "--funding and --mark belong to futures (binance_futures); leave them out for {venue}.",
    ),
    "backtest.mark_coarser": (
        "{path}: 마크 가격 캔들({mark})은 실행 캔들({timeframe})보다 길 수 없습니다.",
        "{path}: mark price candles ({mark}) must not be longer than the candles that are executed ({timeframe}).",
    ),
    "backtest.final_equity": ("최종 평가금액", "Final equity"),
    "backtest.net_return": ("순수익률", "Net return"),
    "backtest.buy_and_hold_return": ("단순 보유 수익률", "Buy and hold"),
    "backtest.trades": ("거래 수", "Trades"),
    "backtest.win_rate": ("승률", "Win rate"),
    "backtest.profit_factor": ("손익비(총이익/총손실)", "Profit factor"),
    "backtest.max_drawdown": ("최대낙폭", "Max drawdown"),
    "backtest.sharpe": ("샤프 지수(일간, 연율)", "Sharpe (daily, a year)"),
    "backtest.fees": ("수수료 합계", "Fees"),
    "backtest.ambiguous_trades": ("캔들 안 순서가 모호한 거래", "Ambiguous trades"),
    "backtest.open_positions": ("끝까지 보유 중", "Still open"),
    "backtest.speed": ("속도", "Speed"),
    "backtest.speed_value": ("캔들 {bars:,}개, {seconds:.2f}초", "{bars:,} candles in {seconds:.2f} s"),
    "backtest.written": ("{path} 에 저장했습니다.", "Written to {path}."),
    "backtest.counts": (
        "--data {data}개와 {option} {count}개의 수가 맞지 않습니다. 파일마다 하나씩 적어 주세요.",
        "{data} --data but {count} {option}: give one for each file.",
    ),
    "backtest.finer": (
        "{path}: 캔들 간격이 {minutes}분이라 --timeframe {timeframe} 이(가) 아닙니다. --timeframe 을 빼거나 맞는 파일을 주세요.",
        "{path}: its candles are {minutes} minutes apart, not {timeframe}; leave --timeframe out or give another file.",
    ),
    "backtest.twice": (
        "{symbol} 의 --data 가 둘 이상입니다. 종목마다 파일 하나만 적어 주세요.",
        "{symbol} has more than one --data: give one file for each symbol.",
    ),
    "backtest.pair": (
        "{option} {raw!r}: 이름=값 형식으로 적어 주세요 (예: {example}).",
        "{option} {raw!r}: write it as name=value, e.g. {example}.",
    ),
    "backtest.no_timeframe": (
        "{path}: 캔들 간격을 알 수 없습니다. --timeframe 을 적어 주세요.",
        "{path}: the spacing of its candles is no known timeframe; name it with --timeframe.",
    ),
    "backtest.no_volume": (
        "{path}: 거래량 열이 비어 있어 거래량을 0으로 봅니다.",
        "{path}: the volume column is empty; volume counts as 0.",
    ),
    "backtest.outside": (
        "{path}: 캔들 {count:,}개는 시가나 종가가 고가와 저가 사이를 벗어납니다. 고치지 않고 그대로 씁니다.",
        "{path}: of {count:,} candles open or close lie outside low and high; they are used as they are.",
    ),
    "backtest.cash": ("--cash {raw}: 0보다 큰 금액이어야 합니다.", "--cash {raw}: it must be more than 0."),
    "backtest.demo": (
        "데이터를 주지 않아 시뮬레이터가 만든 연습용 시세로 실행합니다 (실제 시세가 아닙니다).",
        "No --data: running on generated practice prices (not a real market).",
    ),
}
