"""What each knob does, in one or two sentences."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "knob.mode": (
        "demo 연습 시장, paper 실제 시세로 모의 거래, testnet 거래소 시험 서버, live 실제 돈.",
        "demo: practice market; paper: real prices, simulated fills; testnet: the venue's test host; live: real money.",
    ),
    "knob.venues": ("거래할 거래소 목록.", "The venues that are traded."),
    "knob.preset": (
        "여러 값을 한 번에 정하는 묶음. none이면 기본값만 씁니다.",
        "A named set of values. none: the defaults alone.",
    ),
    "knob.strategy": (
        "매매 전략. auto면 프리셋의 전략을 씁니다.",
        "The trading strategy. auto: the preset's.",
    ),
    "knob.timeframe": (
        "신호를 내는 캔들 간격. auto면 프리셋의 간격.",
        "Candles that give signals. auto: the preset's.",
    ),
    "knob.symbols": (
        "거래할 종목(BTC, KRW-BTC, BTC/KRW). 비우면 거래대금 순위로 고릅니다.",
        "What to trade (BTC, KRW-BTC, BTC/KRW). Empty: chosen by traded value.",
    ),
    "knob.universe_size": (
        "종목을 비워 두었을 때 24시간 거래대금 상위 몇 개를 볼지.",
        "How many symbols by 24-hour traded value when none are named.",
    ),
    "knob.excluded_symbols": ("절대 사지 않을 종목.", "Symbols that are never bought."),
    "knob.stable_symbols": ("순위와 상관없이 늘 보는 종목.", "Symbols that are always watched, whatever their rank."),
    "knob.initial_capital": (
        "봇에게 맡기는 돈. auto면 1,000,000원 또는 1,000 USDT. 실제 잔고보다 조금 적게 정하는 것이 좋습니다.",
        "Money entrusted to the bot. auto: 1,000,000 KRW or 1,000 USDT. Best a little under the real balance.",
    ),
    "knob.sizing": (
        "주문 크기: turtle 손절 거리 기준, kelly 승률 기준, fixed 고정 비율, all_in 전액(백테스트 전용).",
        "Order size: turtle by stop distance, kelly by win rate, fixed share, all_in everything (backtests only).",
    ),
    "knob.max_position_size": (
        "한 포지션이 자본에서 차지할 수 있는 최대 비율. 선물에서는 증거금 비율.",
        "Largest share of equity in one position. On futures: share of margin.",
    ),
    "knob.risk_per_trade": (
        "turtle: 손절될 때 잃는 자본의 비율.",
        "turtle: share of equity lost when the stop is hit.",
    ),
    "knob.kelly_min": ("kelly 비율의 아래 한계.", "Lower bound of the kelly fraction."),
    "knob.kelly_max": ("kelly 비율의 위 한계.", "Upper bound of the kelly fraction."),
    "knob.leverage": ("선물 배율. 0이면 변동성에 따라 정합니다.", "Futures leverage. 0: set by volatility."),
    "knob.max_leverage": ("배율을 자동으로 정할 때의 최대값.", "Largest leverage when it is set by volatility."),
    "knob.target_volatility": (
        "자동 배율이 맞추려는 변동성(ATR/가격 x 배율).",
        "Volatility that automatic leverage aims at (ATR/price x leverage).",
    ),
    "knob.liquidation_guard": (
        "청산가까지 이 비율만 남으면 먼저 닫습니다.",
        "Close when only this share of the way to liquidation is left.",
    ),
    "knob.max_positions": (
        "동시에 가질 수 있는 포지션 수. 0이면 제한 없음.",
        "Positions at the same time. 0: no limit.",
    ),
    "knob.max_trades_per_day": ("하루 진입 횟수 한도. 0이면 제한 없음.", "Entries per day. 0: no limit."),
    "knob.take_profit_percent": (
        "매수가보다 이만큼 오르면 팝니다. 0이면 끔. 예전 이름 TAKE_PROFIT_PERCENT는 3을 3 %로 읽습니다.",
        "Sell at this rise over the entry. 0: off. The old name TAKE_PROFIT_PERCENT reads 3 as 3 %.",
    ),
    "knob.stop_loss_percent": (
        "매수가보다 이만큼 내리면 팝니다. 0이면 ATR 손절. 예전 이름 STOP_LOSS_PERCENT는 3을 3 %로 읽습니다.",
        "Sell at this fall under the entry. 0: ATR stop instead. The old name STOP_LOSS_PERCENT reads 3 as 3 %.",
    ),
    "knob.atr_multiplier": (
        "stop_loss_percent가 0일 때 손절 거리 = 이 값 x ATR.",
        "With stop_loss_percent 0 the stop's distance is this times ATR.",
    ),
    "knob.trailing_stop_percent": (
        "최고가에서 이만큼 내리면 팝니다. 0이면 끔.",
        "Sell at this fall from the highest price. 0: off.",
    ),
    "knob.trailing_arm_percent": (
        "이만큼 오른 뒤부터 추적 손절이 작동합니다. auto면 추적 거리의 1.5배, 0이면 바로.",
        "The trailing stop acts after this rise. auto: 1.5 times its distance; 0: at once.",
    ),
    "knob.tighten_stop": (
        "보유 시간이 길어질수록 손절 폭을 30 %까지 줄입니다.",
        "Tighten the stop by up to 30 % as the position ages.",
    ),
    "knob.emergency_stop_percent": (
        "무슨 일이 있어도 작동하는 비상 손절. 끌 수 없습니다.",
        "The emergency stop that always acts. It cannot be switched off.",
    ),
    "knob.min_hold_candles": (
        "이 캔들 수 동안 익절, 추적 손절, 매도 신호를 미룹니다. 손절은 작동합니다.",
        "For this many candles take-profit, trailing stop and exit signals wait. Stops act.",
    ),
    "knob.min_hold_minutes": (
        "이 시간 동안 익절, 추적 손절, 매도 신호를 미룹니다. 손절은 작동합니다.",
        "For this long take-profit, trailing stop and exit signals wait. Stops act.",
    ),
    "knob.max_hold_minutes": ("이 시간이 지나면 팝니다. 0이면 끔.", "Sell after this long. 0: off."),
    "knob.confidence_threshold": ("신호의 확신이 이보다 낮으면 사지 않습니다.", "No entry under this confidence."),
    "knob.min_reward_risk": (
        "익절 거리 / 손절 거리가 이보다 작으면 사지 않습니다. 0이면 끔.",
        "No entry when take-profit distance / stop distance is smaller. 0: off.",
    ),
    "knob.min_atr_percent": (
        "ATR/가격이 이보다 작은 조용한 시장에서는 사지 않습니다. 0이면 끔.",
        "No entry in a market quieter than this ATR/price. 0: off.",
    ),
    "knob.trend_filter": (
        "가격이 EMA(50) 위일 때만 삽니다. auto면 전략이 정합니다.",
        "Enter only above EMA(50). auto: as the strategy says.",
    ),
    "knob.adx_filter": (
        "ADX가 20 이상이고 꺾이지 않을 때만 삽니다. auto면 전략이 정합니다.",
        "Enter only with ADX at 20 or more and not falling. auto: as the strategy says.",
    ),
    "knob.higher_timeframe_filter": (
        "1시간 캔들도 오름세일 때만 삽니다(BTC 제외). auto면 전략이 정합니다.",
        "Enter only when its 1-hour trend agrees (BTC excepted). auto: as the strategy says.",
    ),
    "knob.regime_filter": (
        "횡보장에서는 사지 않습니다. auto면 전략이 정합니다.",
        "No entry in a sideways market. auto: as the strategy says.",
    ),
    "knob.market_filter": (
        "BTC, ETH, SOL의 사흘 흐름에 따라 크기를 조절합니다. auto면 전략이 정합니다.",
        "Sizes follow three days of BTC, ETH and SOL. auto: as the strategy says.",
    ),
    "knob.cooldown_after_losses": (
        "연속 손실이 이만큼이면 쉽니다. 0이면 끔.",
        "Rest after this many losses in a row. 0: off.",
    ),
    "knob.cooldown_minutes": ("연속 손실 뒤 쉬는 시간.", "How long the rest after losses lasts."),
    "knob.cooldown_action": (
        "연속 손실 뒤: pause 잠시 쉼, stop 그날은 끝.",
        "After losses in a row: pause for a while, or stop for the day.",
    ),
    "knob.symbol_cooldown_minutes": (
        "판 종목을 이 시간 동안 다시 사지 않습니다. 0이면 끔.",
        "A symbol is not bought again for this long after an exit. 0: off.",
    ),
    "knob.daily_loss_limit": (
        "하루 손실이 자본의 이 비율이 되면 그날은 사지 않습니다. 0이면 끔.",
        "No entries for the day after losing this share of equity. 0: off.",
    ),
    "knob.drawdown_limit": (
        "최고 자본에서 이만큼 줄면 다시 허락할 때까지 멈춥니다. 0이면 끔.",
        "Stop entries at this fall from the equity peak, until rearmed. 0: off.",
    ),
    "knob.capital_stop": (
        "시작 자본에서 이만큼 잃으면 다시 허락할 때까지 멈춥니다. 0이면 끔.",
        "Stop entries after losing this share of the starting capital, until rearmed. 0: off.",
    ),
    "knob.on_limit": (
        "한도에 닿으면: block 진입만 막음, flatten 보유도 모두 팜.",
        "At a limit: block entries, or flatten everything too.",
    ),
    "knob.day_starts_at": (
        "하루 한도의 시작: venue 거래소의 하루, 00:00 한국 자정.",
        "Start of the day for limits: the venue's own, or midnight in Korea.",
    ),
    "knob.adopt_holdings": (
        "봇이 사지 않은 보유 종목을 맡을지: never 안 함, ask 물어봄, always 항상.",
        "Take holdings the bot did not buy under guard: never, ask, always.",
    ),
    "knob.slippage_alert": (
        "매도 체결가가 이만큼 나쁘면 경고하고 알립니다.",
        "Warn and notify when a sell fills this much worse.",
    ),
    "knob.approvals": (
        "실거래에서 처음 몇 번의 진입을 사람이 승인합니다.",
        "In live mode this many first entries wait for a person's approval.",
    ),
    "knob.approval_minutes": (
        "승인을 기다리는 시간. 지나면 거절입니다.",
        "How long an approval is waited for; then no.",
    ),
    "knob.require_rehearsal": (
        "선물 실거래 전에 연습으로 마쳐야 하는 거래 수.",
        "Closed practice trades required before live futures.",
    ),
    "knob.on_delisting": (
        "보유 종목의 상장 폐지가 예고되면: alarm 알림만, exit 팜.",
        "When a held symbol is to be delisted: alarm only, or exit.",
    ),
    "knob.loop_seconds": (
        "봇이 한 번 도는 간격. 청산, 명령, .env, 상태가 이 주기로 처리됩니다.",
        "Length of the bot's step: exits, commands, .env and status.",
    ),
    "knob.evaluate_seconds": (
        "진입을 평가하는 간격. auto면 loop_seconds.",
        "How often entries are evaluated. auto: loop_seconds.",
    ),
    "knob.warmup_total": ("시작할 때 거래 전에 도는 준비 횟수.", "Steps of preparation before the first trade."),
    "knob.max_orders_per_minute": ("분당 진입 주문 한도. 0이면 끔.", "Entry orders per minute. 0: off."),
    "knob.max_notional": ("진입 주문 하나의 최대 금액. 0이면 끔.", "Largest amount of one entry. 0: off."),
    "knob.price_band": (
        "마지막 체결가에서 이보다 먼 가격으로는 사지 않습니다. 0이면 끔.",
        "No entry further than this from the last trade. 0: off.",
    ),
    "knob.error_rate_limit": (
        "최근 요청 20건 가운데 실패가 이 비율이면 멈춥니다. 0이면 끔.",
        "Stop entries when this share of the last 20 requests failed. 0: off.",
    ),
    "knob.rate_share": (
        "거래소 요청 한도 가운데 이 봇이 쓰는 몫. 같은 주소에서 여러 봇을 돌릴 때 나눕니다.",
        "This bot's share of the venue's request limits, when several run behind one address.",
    ),
    "knob.tune_by": (
        "자동 조정의 기준: out_of_sample 겪지 않은 기간의 수익, win_rate 승률.",
        "What tuning looks at: out_of_sample return, or win_rate.",
    ),
    "knob.tune_to_env": (
        "자동 조정 값을 .env의 '# auto' 줄에 적습니다. 끄면 data/tuned.env에 적습니다.",
        "Write tuned values to lines of .env marked '# auto'. Off: to data/tuned.env.",
    ),
    "knob.model_min_return": (
        "학습 모델은 비용을 뺀 검증 수익이 이보다 커야 쓰입니다.",
        "A model is kept only above this validated return after costs.",
    ),
    "knob.target_win_rate": ("보고서에 함께 보이는 목표 승률.", "Target win rate, shown in reports."),
    "knob.target_payoff": ("보고서에 함께 보이는 목표 손익비.", "Target payoff ratio, shown in reports."),
    "knob.target_drawdown": ("보고서에 함께 보이는 목표 최대 낙폭.", "Target largest drawdown, shown in reports."),
    "knob.fee_rate": (
        "한쪽 수수료율. auto면 거래소 요율. 빗썸 쿠폰은 0.0004.",
        "Fee per side. auto: the venue's. Bithumb's coupon is 0.0004.",
    ),
    "knob.slippage_ticks": (
        "체결마다 불리하게 잡는 호가 단위 수. 호가 단위가 0이면 없음.",
        "Ticks against us on every fill. Nothing when tick_size is 0.",
    ),
    "knob.slippage_bps": ("체결마다 불리하게 잡는 bp.", "Basis points against us on every fill."),
    "knob.tick_size": (
        "호가 단위. auto면 거래소 표, 0이면 반올림하지 않음.",
        "Price step. auto: the venue's; 0: no rounding.",
    ),
    "knob.lot_step": ("수량 단위. auto면 거래소 값.", "Quantity step. auto: the venue's."),
    "knob.min_notional": ("최소 주문 금액. auto면 거래소 값.", "Smallest order amount. auto: the venue's."),
    "knob.max_volume_share": (
        "캔들 거래량 가운데 한 주문이 차지할 수 있는 비율. 0이면 제한 없음.",
        "Largest share of a candle's volume for one order. 0: no limit.",
    ),
    "knob.language": ("화면과 알림의 언어.", "Language of screens and messages."),
    "knob.palette": (
        "오르고 내리는 색: korean 빨강/파랑, western 초록/빨강, colorblind 색각 배려.",
        "Colours of up and down: korean red/blue, western green/red, colorblind safe.",
    ),
    "knob.number_style": (
        "숫자 표시: full 1,003,211, short 100.3만.",
        "Numbers: full 1,003,211, short 1.0M.",
    ),
}
