"""Texts of `run_backtest.py walk-forward`."""

TEXTS: dict[str, tuple[str, str]] = {
    "walk_forward.duration": (
        "{option} {raw}: 60d, 12h, 4w 처럼 숫자와 단위(m, h, d, w)로 적어 주세요.",
        "{option} {raw}: give a number and a unit (m, h, d, w), such as 60d, 12h or 4w.",
    ),
    "walk_forward.too_short": (
        "쓸 수 있는 데이터가 {days}일뿐인데 학습과 검증에 {needed}일이 필요합니다. 더 긴 데이터를 주거나 --train {train} --test {test} 로 줄여 주세요.",
        "The usable data covers {days} days, but one window needs {needed}; give more data, or --train {train} --test {test} would fit.",
    ),
    "walk_forward.under_candle": (
        "{option} {raw}: 캔들 하나({timeframe})보다 짧습니다. 더 길게 적어 주세요.",
        "{option} {raw}: shorter than one candle ({timeframe}); give a longer time.",
    ),
    "walk_forward.many": (
        "구간이 {most:,}개를 넘습니다. --test 를 더 길게 적어 주세요.",
        "There would be more than {most:,} windows; give a longer --test.",
    ),
    "walk_forward.title": (
        "전진 분석: {strategy} · {symbols} · {timeframe} · {start} ~ {end} (KST)",
        "Walk forward: {strategy} · {symbols} · {timeframe} · {start} to {end} (KST)",
    ),
    "walk_forward.train": ("학습 시작", "Train from"),
    "walk_forward.test": ("검증 시작", "Test from"),
    "walk_forward.past": ("학습 수익률", "Return in sample"),
    "walk_forward.ahead": ("검증 수익률", "Return out of sample"),
    "walk_forward.trades": ("거래", "Trades"),
    "walk_forward.total": (
        "이어 붙인 검증 구간: 수익률 {net}, 거래 {trades}건, 최대낙폭 {drawdown}. 값을 바꾸지 않고 두었다면 {unchanged}.",
        "Test windows stitched: return {net}, {trades} trades, max drawdown {drawdown}. With the values left as they are: {unchanged}.",
    ),
    "walk_forward.tried": (
        "구간마다 {tried:,}개 조합 중 학습 구간 성적이 가장 좋은 것을 골랐습니다 (구간 {windows}개).",
        "In each of {windows} windows the best of {tried:,} combinations was picked by its train span alone.",
    ),
    "walk_forward.decay": (
        "하루 평균: 학습 {past}, 검증 {ahead}. 학습 수익 중 검증에서 남은 비율 {decay}.",
        "A day: {past} in sample, {ahead} out of sample; {decay} of the gain in sample was left.",
    ),
    "walk_forward.no_decay": (
        "하루 평균: 학습 {past}, 검증 {ahead}. 학습 구간에서도 이익이 없어 남은 비율은 없습니다.",
        "A day: {past} in sample, {ahead} out of sample; there was no gain in sample that could have been kept.",
    ),
    "walk_forward.stability": (
        "{name}: {steps}번 중 {changes}번 바뀌었고, 한 번에 평균 {move:.1f}칸 움직였습니다 (값 {values}개).",
        "{name}: changed in {changes} of {steps} steps, by {move:.1f} places on average (of {values} values).",
    ),
}
