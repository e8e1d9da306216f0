"""Parameters of the strategies, each once: key "param.<strategy>.<name>"."""

TEXTS: dict[str, tuple[str, str]] = {
    "param.breakout.k": ("전일 변동폭에 곱하는 비율", "share of yesterday's range above today's open"),
    "param.breakout.sell_at_day_end": ("날이 바뀌는 첫 캔들에서 팔기", "sell at each day's first open"),
    "param.breakout.entries_per_day": (
        "종목마다 하루에 살 수 있는 횟수 (0 = 제한 없음)",
        "entries per symbol and day (0 = no limit)",
    ),
    "param.breakout.fresh_cross": (
        "이미 지나간 돌파가는 쫓지 않기",
        "do not chase a level that was passed before",
    ),
    "param.breakout.ema_floor": ("돌파가를 EMA(50)보다 낮추지 않기", "the level is never under EMA(50)"),
    "param.macd.golden_cross": ("MACD선이 신호선을 위로 뚫을 때", "the line crosses above its signal"),
    "param.macd.macd_exit": ("MACD선이 0 아래로 내려가면 팔기", "sell when the line falls below zero"),
    "param.macd.macd_positive": ("MACD선이 0보다 클 때만", "only while the line is above zero"),
    "param.macd.signal_positive": ("신호선이 0보다 클 때만", "only while the signal is above zero"),
    "param.macd.bullish_candle": ("직전 캔들이 양봉일 때만", "only after a rising candle"),
    "param.macd.macd_rising": ("MACD선이 오르는 중일 때만", "only while the line rises"),
    "param.macd.above_ma20": ("종가가 20이동평균 위일 때만", "only above the 20-candle average"),
    "param.macd.above_ma60": ("종가가 60이동평균 위일 때만", "only above the 60-candle average"),
    "param.combined.min_votes": ("필요한 표의 수", "least number of votes"),
    "param.combined.threshold": (
        "나온 표의 평균 가중치가 넘어야 할 값",
        "least mean weight of the votes that fired",
    ),
}
