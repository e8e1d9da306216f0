"""What each strategy is: key "strategy.<name>" its short name, .entry and .exit its rules, .risk, .ours what nobody else fixed."""

TEXTS: dict[str, tuple[str, str]] = {
    "strategy.bb_breakout": ("볼린저 돌파", "Bollinger breakout"),
    "strategy.bb_breakout.entry": (
        "종가가 볼린저 상단을 넘고, 거래량이 평균의 1.2배를 넘고, 볼린저 폭이 넓어지면 삽니다.",
        "Buys when the close is over the upper band, volume over 1.2 x its average and the bands widen.",
    ),
    "strategy.bb_breakout.exit": (
        "종가가 볼린저 중간선 아래로 내려가면 팝니다.",
        "Sells when the close is under the middle band.",
    ),
    "strategy.bb_breakout.risk": (
        "급등 끝에서 사는 일이 있어 되돌림에 손실이 큽니다.",
        "It may buy the end of a surge; the way back is a loss.",
    ),
    "strategy.breakout": ("변동성 돌파", "Volatility breakout"),
    "strategy.breakout.entry": (
        "오늘 시가에 전일 변동폭의 k배를 더한 돌파선에 가격이 닿으면 삽니다.",
        "Buys when the price reaches today's open plus k times yesterday's range.",
    ),
    "strategy.breakout.exit": (
        "매도 신호는 없고 손절·익절이 팝니다. sell_at_day_end를 켜면 날이 바뀌는 첫 캔들에서도 팝니다.",
        "No exit signal: stops and take-profits sell, with sell_at_day_end also each day's first open.",
    ),
    "strategy.breakout.risk": (
        "횡보장에서는 돌파가 자주 실패해 작은 손실이 이어집니다.",
        "In a sideways market breakouts fail often: small losses in a row.",
    ),
    "strategy.combined": ("지표 투표", "Indicator votes"),
    "strategy.combined.entry": (
        "네 지표가 투표합니다: RSI 35 미만(0.7), 저가가 볼린저 하단 이하(0.6), MACD 골든크로스(0.8), 거래량이 평균의 1.5배 초과(0.5). min_votes개 이상의 표가 나오고 그 평균 가중치가 threshold 이상이면 삽니다.",
        "Four indicators vote: RSI under 35 (0.7), low at or under the lower band (0.6), MACD golden cross (0.8), volume over 1.5 x its average (0.5). Buys on min_votes votes whose mean weight reaches threshold.",
    ),
    "strategy.combined.exit": (
        "반대 투표(RSI 65 초과, 고가가 볼린저 상단 이상, MACD 데드크로스, 같은 거래량 표)가 같은 조건을 채우면 팝니다.",
        "Sells when the mirrored votes (RSI over 65, high at or over the upper band, MACD dead cross, the same volume vote) meet the same two limits.",
    ),
    "strategy.combined.risk": (
        "떨어지는 시장에서 과매도 표를 믿고 일찍 살 수 있습니다.",
        "In a falling market the oversold votes buy too early.",
    ),
    "strategy.combined.ours": (
        "평균은 나온 표의 가중치만으로 냅니다.",
        "The mean is taken over the votes that fired.",
    ),
    "strategy.dynamic_breakout": ("추세 돌파", "Trend breakout"),
    "strategy.dynamic_breakout.entry": (
        "종가가 EMA(50)과 볼린저 상단을 모두 넘고 ADX가 20보다 크면 삽니다.",
        "Buys when the close is over EMA(50) and over the upper band with ADX over 20.",
    ),
    "strategy.dynamic_breakout.exit": (
        "종가가 EMA(50) 아래로 내려가면 팝니다.",
        "Sells when the close is under EMA(50).",
    ),
    "strategy.dynamic_breakout.risk": (
        "EMA(50)까지의 거리가 멀 때 사면 매도 신호까지 많이 잃을 수 있습니다.",
        "EMA(50) may lie far below the entry: much can be lost before the exit signal.",
    ),
    "strategy.macd": ("MACD", "MACD"),
    "strategy.macd.entry": (
        "MACD선이 신호선을 위로 뚫고 켜 둔 조건이 모두 맞으면 삽니다.",
        "Buys when the MACD line crosses above its signal and every option that is on holds.",
    ),
    "strategy.macd.exit": (
        "MACD선이 0 아래로 내려가면 팝니다(macd_exit).",
        "Sells when the line falls below zero (macd_exit).",
    ),
    "strategy.macd.risk": (
        "방향 없는 시장에서는 교차가 잦아 수수료와 작은 손실이 쌓입니다.",
        "Without a trend it crosses often: fees and small losses add up.",
    ),
    "strategy.mean_reversion": ("평균 회귀", "Mean reversion"),
    "strategy.mean_reversion.entry": (
        "종가가 볼린저 하단보다 낮고 RSI가 30보다 작으면 삽니다.",
        "Buys when the close is under the lower band and RSI under 30.",
    ),
    "strategy.mean_reversion.exit": (
        "종가가 볼린저 중간선 이상이면 팝니다.",
        "Sells when the close is at or over the middle band.",
    ),
    "strategy.mean_reversion.risk": (
        "이익은 작고, 하락 추세에서는 중간선이 산 값 아래로 내려와 손실로 끝납니다.",
        "Gains are small; in a downtrend the middle band falls below the entry.",
    ),
    "strategy.momentum_breakout": ("모멘텀 돌파", "Momentum breakout"),
    "strategy.momentum_breakout.entry": (
        "종가가 그 앞 20캔들의 최고가를 넘고, 거래량이 평균의 1.5배를 넘고, ATR이 커지면 삽니다.",
        "Buys when the close is over the highest high of the 20 candles before it, volume over 1.5 x its average and ATR rising.",
    ),
    "strategy.momentum_breakout.exit": (
        "종가가 EMA(21) 아래로 내려가면 팝니다.",
        "Sells when the close is under EMA(21).",
    ),
    "strategy.momentum_breakout.risk": (
        "가짜 돌파에 약하고 변동이 커진 뒤에 사므로 손절 폭이 넓어집니다.",
        "Weak against false breakouts; it buys when ranges are wide, so losses are too.",
    ),
    "strategy.pullback": ("눌림목", "Pullback"),
    "strategy.pullback.entry": (
        "종가가 EMA(100) 위에 있고, RSI가 50 아래에서 오르기 시작하면 삽니다.",
        "Buys when the close is over EMA(100) while an RSI under 50 turns up.",
    ),
    "strategy.pullback.exit": (
        "종가가 EMA(100) 아래로 내려가면 팝니다.",
        "Sells when the close is under EMA(100).",
    ),
    "strategy.pullback.risk": (
        "눌림이 하락의 시작이면 EMA(100) 가까이에서 사고팔기를 되풀이합니다.",
        "Where the dip is the start of a fall it buys and sells around EMA(100).",
    ),
    "strategy.rsi_bollinger": ("RSI·볼린저 반등", "RSI and Bollinger"),
    "strategy.rsi_bollinger.entry": (
        "RSI가 30보다 작고 종가가 볼린저 하단보다 낮으면 삽니다.",
        "Buys when RSI is under 30 and the close under the lower band.",
    ),
    "strategy.rsi_bollinger.exit": (
        "RSI가 70을 넘거나 종가가 볼린저 상단을 넘으면 팝니다.",
        "Sells when RSI is over 70 or the close over the upper band.",
    ),
    "strategy.rsi_bollinger.risk": (
        "폭락 중에도 사므로 손절이 꼭 필요합니다.",
        "It buys into crashes: a stop is a must.",
    ),
    "strategy.survival": ("생존 (선물)", "Survival (futures)"),
    "strategy.survival.entry": (
        "롱: 종가 > MA(7) > MA(25) > MA(99)이고 MA(25)가 오르며 RSI가 45와 70 사이일 때. 숏: 종가 < MA(7) < MA(25) < MA(99)이고 MA(25)가 내리며 RSI가 30과 55 사이일 때.",
        "Long: close > MA(7) > MA(25) > MA(99), MA(25) rising, RSI between 45 and 70. Short: close < MA(7) < MA(25) < MA(99), MA(25) falling, RSI between 30 and 55.",
    ),
    "strategy.survival.exit": (
        "반대쪽 신호가 나오면 정리합니다.",
        "Leaves on the signal of the other side.",
    ),
    "strategy.survival.risk": (
        "레버리지를 쓰면 작은 움직임에도 증거금을 잃습니다.",
        "With leverage a small move takes the margin.",
    ),
    "strategy.survival.ours": (
        "반대쪽 신호에는 필터를 적용하지 않으며, 현물 시장에서는 롱만 합니다.",
        "The signal of the other side needs to pass no filter; on spot markets only the long side trades.",
    ),
    "strategy.trend_following": ("추세 추종", "Trend following"),
    "strategy.trend_following.entry": (
        "EMA(50)이 EMA(200) 위에 있을 때 EMA(9)가 EMA(21)을 위로 뚫으면 삽니다.",
        "Buys when EMA(9) crosses above EMA(21) while EMA(50) is over EMA(200).",
    ),
    "strategy.trend_following.exit": (
        "EMA(9)가 EMA(21)을 아래로 뚫으면 팝니다.",
        "Sells when EMA(9) crosses below EMA(21).",
    ),
    "strategy.trend_following.risk": (
        "추세가 꺾인 뒤에야 팔므로 이익의 일부를 되돌려 줍니다.",
        "It sells only after the turn and gives back part of the gain.",
    ),
}
