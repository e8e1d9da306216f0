"""Texts of `main.py download`."""

TEXTS: dict[str, tuple[str, str]] = {
    # what was asked for
    "download.no_source": (
        "{venue}: 이 버전에서는 과거 캔들을 받을 수 없습니다. --venue 를 다음 중에서 고르세요: {known}",
        "{venue}: past candles cannot be fetched in this version; choose --venue from: {known}",
    ),
    "download.timeframe": (
        "--timeframe {given}: {venue} 에서 받을 수 없는 간격입니다. 혹시 '{near}'인가요? (가능: {known})",
        "--timeframe {given}: {venue} has no such candles; did you mean {near}? (there are: {known})",
    ),
    "download.time": (
        "{option} {given}: 날짜나 시각이 아닙니다. 2025-09-01 또는 2025-09-01T09:00+09:00 처럼 적어 주세요.",
        "{option} {given}: this is no date or time; write it as 2025-09-01 or 2025-09-01T09:00+09:00.",
    ),
    "download.backwards": (
        "--from {start} 이(가) --to {end} 보다 빠르지 않습니다. 순서를 바꿔 주세요.",
        "--from {start} is not before --to {end}: turn them round.",
    ),
    "download.nothing_closed": (
        "--from {start}: 그때부터 마감된 {timeframe} 캔들이 아직 없습니다. 더 이른 날짜나 더 긴 기간을 적어 주세요.",
        "--from {start}: no {timeframe} candle has closed since then; give an earlier time or a longer period.",
    ),
    "download.symbol": (
        "--symbols {given!r}: {venue} 에 없는 종목입니다. 혹시 '{near}'인가요?",
        "--symbols {given!r}: {venue} has no such market; did you mean {near}?",
    ),
    "download.refused": (
        "{series}: 거래소가 이 캔들 요청을 거부했습니다 ({why}). 종목과 간격을 확인해 주세요.",
        "{series}: the venue refused to give these candles ({why}); check market and timeframe.",
    ),
    "download.practice": (
        "{folder} 에는 연습(demo) 시세가 들어 있어 실제 시세와 섞지 않습니다. --data-dir {other} 를 붙여 주세요.",
        "{folder} holds prices of the practice market, real ones are not mixed with them: add --data-dir {other}.",
    ),
    "download.real": (
        "{folder} 에는 실제 시세가 들어 있어 연습 시세와 섞지 않습니다. --data-dir {other} 를 붙여 주세요.",
        "{folder} holds real prices, those of a practice market are not mixed with them: add --data-dir {other}.",
    ),
    # why it did not work
    "download.unreached": (
        "{venue} 에서 캔들을 다 받지 못했습니다: {why} 받은 것은 저장되어 있으니 같은 명령으로 이어서 받으세요.",
        "Not all candles of {venue} could be fetched: {why} What was fetched is stored; the same command goes on.",
    ),
    "download.trouble.unreachable": (
        "거래소에 연결할 수 없습니다. 인터넷 연결을 확인하세요.",
        "it cannot be reached, check the internet connection.",
    ),
    "download.trouble.timeout": ("제때 답이 오지 않았습니다.", "it did not answer in time."),
    "download.trouble.unreadable": ("답을 읽을 수 없었습니다.", "its answers could not be read."),
    "download.trouble.too_many_requests": (
        "요청 한도를 넘었습니다. 잠시 뒤에 다시 하세요.",
        "the request limit is reached, try again a little later.",
    ),
    "download.trouble.banned": (
        "요청이 많아 잠시 차단되었습니다. 몇 분 뒤에 다시 하세요.",
        "it has blocked this address for a while, try again in some minutes.",
    ),
    "download.unwritable": (
        "{path}: 캔들을 저장할 수 없습니다 ({why}). 폴더 권한과 남은 공간을 확인해 주세요.",
        "{path}: candles cannot be stored ({why}); check the folder's permissions and the free space.",
    ),
    "download.interrupted": (
        "중단했습니다. 받은 것은 저장되어 있으니 같은 명령으로 이어서 받으세요.",
        "Interrupted; what was fetched is stored, the same command goes on.",
    ),
    # how it goes, and what came of it
    "download.nothing_new": (
        "{series}: 이미 모두 저장되어 있어 받을 것이 없습니다.",
        "{series}: everything is stored already, nothing to fetch.",
    ),
    "download.resumed": (
        "{series}: 캔들 {known:,}개 분량은 이미 있어 나머지만 받습니다.",
        "{series}: the time of {known:,} candles is known already, only the rest is fetched.",
    ),
    "download.whole": (
        "{series}: {start} ~ {end} (KST) 캔들 {stored:,}개, 빠진 것 없음.",
        "{series}: {start} to {end} (KST), {stored:,} candles, none missing.",
    ),
    "download.missing": (
        "{series}: {start} ~ {end} (KST) 캔들 {stored:,}개, {missing:,}개 없음 ({percent}%): {why}. 가장 긴 빈 구간:",
        "{series}: {start} to {end} (KST), {stored:,} candles, {missing:,} missing ({percent}%): {why}. Longest holes:",
    ),
    "download.count.quiet": ("거래 없음 {count:,}개", "no trade {count:,}"),
    "download.count.outage": ("점검으로 보임 {count:,}개", "probably maintenance {count:,}"),
    "download.count.unlisted": ("거래소의 첫 캔들 이전 {count:,}개", "before the venue's first candle {count:,}"),
    "download.count.unfetched": ("아직 받지 않음 {count:,}개", "not fetched yet {count:,}"),
    "download.hole": (
        "  {start} ~ {end} (KST) {minutes:,}분, 캔들 {candles:,}개: {why}",
        "  {start} to {end} (KST), {minutes:,} min, {candles:,} candles: {why}",
    ),
    "download.why.quiet": ("거래 없음", "no trade"),
    "download.why.outage": (
        "한 시간 이상 모두 멈춤, 점검으로 보임",
        "an hour or more without any trade, probably maintenance",
    ),
    "download.why.unlisted": ("거래소의 첫 캔들 이전", "before the venue's first candle"),
    "download.why.unfetched": ("아직 받지 않음", "not fetched yet"),
    "download.not_filled": (
        "  빈 구간은 채우지 않고 그대로 둡니다.",
        "  Holes are left as they are, nothing is filled in.",
    ),
    "download.stored": (
        "{path} 에 저장했습니다. 백테스트: python run_backtest.py run --data {path} {options}",
        "Stored in {path}. Backtest: python run_backtest.py run --data {path} {options}",
    ),
}
