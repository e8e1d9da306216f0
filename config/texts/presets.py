"""What each preset does and what it risks."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "preset.none": (
        "프리셋 없이 설정의 기본값만 씁니다. 전략은 따로 정해야 합니다.",
        "No preset: the defaults of the settings alone. The strategy has to be chosen.",
    ),
    "preset.demo": (
        "연습용 1분 MACD, 종목 10개. 손실 한도가 모두 꺼져 있으니 실제 돈에는 쓰지 마십시오.",
        "MACD on 1 minute with 10 coins, for practice. All loss limits are off: not for real money.",
    ),
    "preset.scalping": (
        "1분 변동성 돌파. 작은 이익을 자주 노립니다. 거래가 많아 수수료와 슬리피지가 이익을 먹을 수 있습니다.",
        "Breakout on 1 minute: small profits, often. Many trades; fees and slippage can eat the profit.",
    ),
    "preset.day_breakout": (
        "고전적인 하루 변동성 돌파(k 0.5). 하루가 끝나면 팝니다. 익절이 없고 횡보장에서 손실이 이어질 수 있습니다.",
        "The classic daily breakout (k 0.5), sold at the day's end. No take-profit; losses in a row when sideways.",
    ),
    "preset.mid_term": (
        "1시간 지표 투표. ATR 손절이라 급변할 때 한 번의 손실이 클 수 있습니다(비상 손절 8 %).",
        "Votes of indicators on 1 hour. ATR stops: one loss can be large in wild markets (emergency stop 8 %).",
    ),
    "preset.swing": (
        "4시간 추세 돌파, 며칠씩 보유합니다. 밤사이 급락과 비상 손절 12 %까지의 손실을 견뎌야 합니다.",
        "Trend breakout on 4 hours, held for days. Overnight drops and losses down to the 12 % stop have to be borne.",
    ),
    "preset.conservative": (
        "1시간 세 신호 점수, 문턱이 높고 포지션 2개까지. 거래가 드물며 학습 모델이 틀릴 수 있습니다.",
        "Three-signal score on 1 hour, high threshold, up to 2 positions. Few trades; the models can be wrong.",
    ),
    "preset.balanced": (
        "1시간 세 신호 점수, 중간 문턱, 포지션 3개까지. 코인들이 함께 떨어지면 손실도 함께 납니다.",
        "Three-signal score on 1 hour, middle threshold, up to 3 positions. Coins fall together, and so do positions.",
    ),
    "preset.aggressive": (
        "1시간 세 신호 점수, 낮은 문턱, 포지션 4개까지. 약한 신호에도 들어가 손실 거래가 더 많습니다.",
        "Three-signal score on 1 hour, low threshold, up to 4 positions. Weak signals count, so more trades lose.",
    ),
    "preset.macd_classic": (
        "5분 MACD, 자본의 95 %를 한 종목에. 손절은 1 %지만 한 종목에 모두 걸려 위험이 큽니다.",
        "MACD on 5 minutes with 95 % of the capital in one coin. The stop is 1 %, but everything hangs on one coin.",
    ),
    "preset.macd_tuned": (
        "5분 MACD에 추세 조건 세 가지를 더했습니다. 지난 자료에 맞춘 값이라 앞으로도 맞는다는 보장은 없습니다.",
        "MACD on 5 minutes with three trend conditions. Fitted to past data; the future need not follow.",
    ),
    "preset.hundred_coins": (
        "15분 앙상블, 빗썸 거래대금 상위 100개, 포지션 10개까지. 거래가 적은 코인은 슬리피지가 크고 횟수 제한도 없음.",
        "Ensemble on 15 minutes over Bithumb's top 100, up to 10 positions. Thin coins slip; trades are not limited.",
    ),
    "preset.survival": (
        "BTCUSDT 선물 5분, 격리 마진 15배. 작은 움직임에도 증거금을 잃을 수 있으니 잃어도 되는 돈으로만 하십시오.",
        "BTCUSDT futures on 5 minutes, isolated at 15x. A small move can take the margin: only money you can lose.",
    ),
}
