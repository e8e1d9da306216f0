"""Words of the pages that `python -m deploy.results` writes, and of the command."""

TEXTS: dict[str, tuple[str, str]] = {
    "results.title": ("성적", "Results"),
    "results.intro": (
        "`python -m deploy.results`가 실제로 기록된 캔들에서 계산해 쓴 문서입니다. 직접 고치지 마세요. "
        "등록된 모든 전략과 실행할 수 있는 모든 프리셋이 들어 있고, 손실을 본 것도 빠짐없이 이름순으로 적었습니다. "
        "과거의 결과는 앞으로의 수익을 약속하지 않습니다.",
        "Computed from recorded candles by `python -m deploy.results`; not to be edited. Every registered strategy and "
        "every preset that can run is here, those that lost money too, in the order of their names. "
        "Past results promise nothing.",
    ),
    "results.verdict": (
        "표본 외 구간의 {runs}번 실행 가운데 {traded}번이 거래했고, 비용을 빼고도 단순 보유보다 나았던 것은 {beat}번, "
        "그중 실제로 돈을 번 것은 {earned}번, 표본 내 구간에서도 그랬던 것은 {both}번입니다. 이만큼 많이 해 보면 몇 번은 운으로도 이깁니다.",
        "Of {runs} runs {traded} traded out of sample; {beat} ended above buy and hold after costs, and {earned} of "
        "these earned money instead of only losing less, {both} of which did so in sample too. "
        "Among so many tries some win by luck.",
    ),
    "results.which": (
        "모든 시계열에서 보유를 이긴 것: {always}. 모든 시계열에서 이기면서 돈을 번 것: {rich}. "
        "어느 시계열에서도 보유를 이기지 못한 것: {never}.",
        "Beat holding on every series: {always}. Beat it on every series and earned money each time: {rich}. "
        "Never beat it: {never}.",
    ),
    "results.none": ("없음", "none"),
    "results.strategy": ("전략", "strategy"),
    "results.preset": ("프리셋", "preset"),
    "results.measured": ("계산 방법", "How it was measured"),
    "results.how": (
        "각 시계열을 시간순으로 나누어 앞 70 %가 표본 내, 뒤 30 %가 표본 외입니다. 값을 찾거나 고르지 않고 기본값과 프리셋을 그대로 썼습니다. "
        "두 구간 모두 새 계좌(원화 1,000,000원 또는 1,000 USDT)로 시작합니다. 한 번에 한 종목만, 전략은 설정 기본값으로, "
        "프리셋은 자기 값으로 실행했습니다. 기본 설정은 한 종목에 자금의 20 %까지만 쓰므로 오를 때 덜 벌고 내릴 때 덜 잃습니다. "
        "비교 대상인 단순 보유는 같은 비용으로 첫 시가에 전액을 사서 끝까지 들고 있습니다. 거래가 한 번도 없으면 이긴 것으로 치지 않습니다. 주식 일봉에는 1시간봉이 없어 상위 시간봉 필터가 켜진 전략은 사지 않습니다. "
        "체결은 호가 한 단위만큼 불리하게 잡았고(바이낸스는 호가 단위가 없어 0), 선물의 펀딩비는 기록이 없어 빠져 있습니다. "
        "수수료 열은 끝난 거래의 것입니다. 계좌 한도가 걸려 거래가 멈추면 그 날짜를 적었습니다. 날짜는 한국 시간입니다.",
        "Each series is split in time: the first 70 % is in sample, the last 30 % out of sample. Nothing is searched "
        "for: defaults and presets are taken as they are. Each part begins with a new account (1,000,000 KRW or 1,000 USDT). Each run has one market alone; "
        "strategies run with the settings' defaults, presets with their own values. By default at most 20 % of the "
        "money goes into one market, so a rise brings less and a fall costs less than holding, which puts all of it in "
        "at the first open, at the same costs, and keeps it. Who never traded has beaten nothing; daily candles of stocks have no hourly ones beside them, so strategies with the higher timeframe filter never enter there. Fills are one tick "
        "worse than meant (Binance: no tick is known here, so 0); funding of futures is not recorded and left out. Fees "
        "are those of closed trades. Where a limit of the account ended trading for good, the day is told. Days are "
        "Korean ones.",
    ),
    "results.fee": ("{venue}: 편도 수수료 {fee}", "{venue}: fee {fee} per side"),
    "results.tax": (
        ", 매도세 {low}~{high} (날짜별, ETF 제외)",
        ", tax on sales {low} to {high} by date (none on ETFs)",
    ),
    "results.series": ("캔들", "The candles"),
    "results.candles": ("시계열", "Series"),
    "results.recorded": ("출처", "Source"),
    "results.past": ("표본 내", "In sample"),
    "results.ahead": ("표본 외", "Out of sample"),
    "results.held_past": ("보유, 표본 내", "Holding, in sample"),
    "results.held_ahead": ("보유, 표본 외", "Holding, out of sample"),
    "results.of_upbit": ("업비트에서 기록한 캔들", "recorded candles of Upbit"),
    "results.of_stock": ("한국거래소 일봉 기록", "recorded daily candles of the KRX"),
    "results.of_binance_futures": ("바이낸스 USD-M 선물에서 기록한 캔들", "recorded candles of Binance USD-M futures"),
    "results.counts": ("보유와 비교한 횟수", "Beside holding, counted"),
    "results.counts_intro": (
        "표본 외 구간에서 센 시계열 수입니다. `python main.py check`는 모든 시계열에서 보유를 이기지 못한 전략이나 프리셋을 고르면 이 숫자로 알립니다.",
        "Series, out of sample. `python main.py check` tells these figures where the chosen strategy or preset did not "
        "beat holding on all of them.",
    ),
    "results.who": ("이름", "Name"),
    "results.tried": ("실행", "Tried"),
    "results.traded": ("거래함", "Traded"),
    "results.beat": ("보유를 이김", "Beat holding"),
    "results.earned": ("이기고 돈도 범", "And earned money"),
    "results.timeframe": ("캔들", "Candles"),
    "results.net_past": ("표본 내 수익", "Return in sample"),
    "results.net_ahead": ("표본 외 수익", "Return out of sample"),
    "results.held": ("단순 보유", "Holding"),
    "results.trades": ("거래", "Trades"),
    "results.drawdown": ("최대 낙폭", "Max drawdown"),
    "results.held_drawdown": ("보유의 최대 낙폭", "Holding's"),
    "results.fees": ("수수료 ({currency})", "Fees ({currency})"),
    "results.beaten": ("보유를 이겼나", "Beat holding?"),
    "results.yes": ("예", "yes"),
    "results.lost_less": ("덜 잃음", "lost less"),
    "results.no": ("아니요", "no"),
    "results.no_trade": ("거래 없음", "never traded"),
    "results.closed": (" (필터 {names} 이(가) 늘 닫힘)", " (filter {names} never open)"),
    "results.stopped": (" (한도로 {day} 멈춤)", " (stopped by a limit {day})"),
    "results.repeat": ("다시 계산하기", "To repeat it"),
    "results.again": (
        "DIR은 캔들 파일이 있는 폴더입니다(열: timestamp_ms,open,high,low,close,volume). 첫 명령이 이 문서를 다시 쓰고, "
        "나머지는 전략 하나를 한 시계열 전체에서 실행합니다.",
        "DIR is a folder of candle files (columns timestamp_ms,open,high,low,close,volume). The first command writes "
        "this page, the others run one strategy over a whole series.",
    ),
    "results.no_data": (
        "캔들이 있는 폴더를 --data DIR로 알려 주세요. 필요한 파일: {files}",
        "Name the folder of recorded candles with --data DIR; it needs {files}",
    ),
    "results.stale": (
        "{path} 이(가) 오래되었습니다: python -m deploy.results --data DIR",
        "{path} is stale: python -m deploy.results --data DIR",
    ),
}
