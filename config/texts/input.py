"""Why a file, a row or an argument is refused (`trading.core.errors.BadInput`)."""

TEXTS: dict[str, tuple[str, str]] = {
    "input.funding_rate": (
        "{path}: 행 {row}: 펀딩비율 {given}은(는) 100 %를 넘습니다. 비율은 소수로 적어 주세요 (0.0001 = 0.01 %).",
        "{path}: row {row}: a funding rate of {given} is over 100 %; rates are fractions (0.0001 = 0.01 %).",
    ),
    "input.symbol_quote": (
        "{symbol}: {venue}의 백테스트는 {currency} 시장만 됩니다. --symbol 로 종목을 적어 주세요 (예: {example}).",
        "{symbol}: backtests on {venue} run on {currency} markets; name the symbol with --symbol, e.g. {example}.",
    ),
    # files of candles and ticks
    "input.no_such_file": ("{path}: 파일이 없습니다. 경로를 확인해 주세요.", "{path}: there is no such file"),
    "input.no_file": (
        "{path}: 파일이 아니라 폴더나 다른 것입니다. 캔들 파일 하나를 적어 주세요.",
        "{path}: this is a folder or something else, not a file; name one file of candles",
    ),
    "input.no_text": (
        "{path}: UTF-8 글자로 된 CSV가 아닙니다. UTF-8로 저장하거나 parquet 파일을 주세요.",
        "{path}: cannot be read as candles, it is no text in UTF-8; save it as UTF-8 or give parquet",
    ),
    "input.unreadable": (
        "{path}: 캔들 파일로 읽을 수 없습니다 ({why}). CSV 또는 parquet 파일을 주세요.",
        "{path}: cannot be read as candles ({why})",
    ),
    "input.no_candles": ("{path}: 캔들이 하나도 없습니다. 다른 파일을 주세요.", "{path}: no candles in this file"),
    "input.no_ticks": ("{path}: 체결이 하나도 없습니다. 다른 파일을 주세요.", "{path}: no ticks in this file"),
    "input.no_time_column": (
        "{path}: 첫 열 {column!r}은(는) 시간 열이 아닙니다. 이름을 다음 중 하나로 바꿔 주세요: {known}",
        "{path}: unknown column {column!r} where the time stands; known: {known}",
    ),
    "input.unknown_column": (
        "{path}: 알 수 없는 열 {column!r}이(가) 있습니다. {known} 또는 바이낸스 kline 열만 남겨 주세요.",
        "{path}: unknown column {column!r}; expected {known} or Binance's klines",
    ),
    "input.unknown_tick_column": (
        "{path}: 알 수 없는 열 {column!r}이(가) 있습니다. timestamp_ms,price 와 필요하면 quantity 만 남겨 주세요.",
        "{path}: unknown column {column!r}; expected timestamp_ms,price and perhaps quantity",
    ),
    "input.column_twice": (
        "{path}: {column!r} 열이 두 번 있습니다. 하나만 남겨 주세요.",
        "{path}: column {column!r} comes twice; keep one",
    ),
    "input.missing_column": (
        "{path}: {column!r} 열이 없습니다. 열을 넣어 주세요.",
        "{path}: column {column!r} is missing",
    ),
    "input.no_header": (
        "{path}: 행 1: 머리글이 없고 바이낸스 kline의 {count}개 열도 아닙니다. 첫 줄에 열 이름을 적어 주세요.",
        "{path}: row 1: a header is missing and these are not Binance's {count} kline columns",
    ),
    "input.no_store": (
        "{path}: 캔들 저장소로 읽을 수 없습니다 ({why}). main.py download 로 받은 candles.db 를 주세요.",
        "{path}: cannot be read as a store of candles ({why}); give a candles.db of main.py download",
    ),
    "input.no_series": (
        "{path}: {venue} 의 {missing} 캔들이 없습니다. 들어 있는 것: {known}. main.py download 로 받을 수 있습니다.",
        "{path}: there is no {missing} of {venue}; there is: {known}. main.py download fetches more",
    ),
    "input.many_series": (
        "{path}: 캔들이 여러 가지 들어 있습니다. --symbol 과 --timeframe 으로 하나를 고르세요: {known}",
        "{path}: there are several series; choose one with --symbol and --timeframe: {known}",
    ),
    # their rows
    "input.no_time": ("{path}: 행 {row}: 시간이 비어 있습니다. 채워 주세요.", "{path}: row {row}: the time is missing"),
    "input.no_ms": (
        "{path}: 행 {row}: {given!r}은(는) 밀리초 시간이 아닙니다. 숫자로 고쳐 주세요.",
        "{path}: row {row}: {given!r} is not a time in ms",
    ),
    "input.no_date": (
        "{path}: 행 {row}: {given!r}은(는) 날짜가 아닙니다. 2025-01-31 09:00:00 처럼 고쳐 주세요.",
        "{path}: row {row}: {given!r} is not a date",
    ),
    "input.fields": (
        "{path}: 행 {row}: 값이 {found}개인데 열은 {wanted}개입니다. 천 단위 쉼표나 남는 값을 지워 주세요.",
        "{path}: row {row}: {found} values for {wanted} columns; take out thousands separators or what is too many",
    ),
    "input.seconds": (
        "{path}: 행 {row}: 시간 {given} 은(는) 초 단위로 보입니다. 밀리초로 바꿔 주세요 (1000을 곱하세요).",
        "{path}: row {row}: the time {given} looks like seconds; give milliseconds (times 1000)",
    ),
    "input.time_range": (
        "{path}: 행 {row}: 시간 {given} 은(는) 1970년에서 5138년 사이의 밀리초나 마이크로초가 아닙니다. 고쳐 주세요.",
        "{path}: row {row}: the time {given} lies in no year from 1970 to 5138, in ms or microseconds",
    ),
    "input.no_number": (
        "{path}: 행 {row}: {column} 값 {given}은(는) 숫자가 아닙니다. 고쳐 주세요.",
        "{path}: row {row}: {column} is {given}, not a number",
    ),
    "input.candle_order": (
        "{path}: 행 {row}: 시간이 앞 행보다 늦지 않습니다. 캔들을 시간 순으로 겹치지 않게 정렬해 주세요.",
        "{path}: row {row}: its time is not after the row before; candles must rise in time",
    ),
    "input.tick_order": (
        "{path}: 행 {row}: 시간이 윗행보다 이릅니다. 체결을 시간 순으로 정렬해 주세요.",
        "{path}: row {row}: its time is before the row above; ticks stand in order",
    ),
    "input.not_positive": (
        "{path}: 행 {row}: {column} 값이 0 이하입니다. 0보다 큰 값으로 고쳐 주세요.",
        "{path}: row {row}: {column} is zero or negative",
    ),
    "input.negative": (
        "{path}: 행 {row}: {column} 값이 음수입니다. 0 이상으로 고쳐 주세요.",
        "{path}: row {row}: {column} is negative",
    ),
    "input.crossed": (
        "{path}: 행 {row}: high가 low보다 낮습니다. 값을 고쳐 주세요.",
        "{path}: row {row}: high is under low",
    ),
    # a lived day
    "input.date": ("--date {date}: YYYY-MM-DD 형식으로 적어 주세요.", "--date {date}: write it as YYYY-MM-DD"),
    "input.no_ledger": ("{path}: 장부가 없습니다. --ledger 를 확인해 주세요.", "{path}: there is no such ledger"),
    "input.ledger_unreadable": (
        "{path}: 장부를 읽을 수 없습니다 ({why}). 파일을 확인해 주세요.",
        "{path}: cannot be read ({why})",
    ),
    "input.nothing_recorded": (
        "{path}: {date}의 {venue} 기록이 없습니다. 봇을 실행한 날짜를 적어 주세요.",
        "{path}: nothing is recorded of {venue} on {date}",
    ),
    # names and parameters
    "input.timeframe": (
        "캔들 간격 {name!r}은(는) 없습니다. 다음 중에서 고르세요: {known}",
        "unknown timeframe {name!r}; known: {known}",
    ),
    "input.timeframe_length": (
        "길이가 {length_ms}ms인 캔들 간격은 없습니다. 1m, 1h, 1d 같은 간격을 쓰세요.",
        "no timeframe is {length_ms} ms long",
    ),
    "input.no_symbol": ("종목이 비어 있습니다. KRW-BTC 처럼 적어 주세요.", "an empty symbol"),
    "input.venue": (
        "{name!r} 거래소는 없습니다. 다음 중에서 고르세요: {known}",
        "there is no venue {name!r}; known: {known}",
    ),
    "input.strategy": (
        "{name!r} 전략은 없습니다. 다음 중에서 고르세요: {known}",
        "there is no strategy {name!r}; there are: {known}",
    ),
    "input.strategy_near": (
        "{name!r} 전략은 없습니다. 혹시 '{near}'인가요?",
        "there is no strategy {name!r}; did you mean {near}?",
    ),
    "input.strategy_import": (
        "{file}: 불러올 수 없습니다 ({why}). 파일을 고치거나 지워 주세요.",
        "{file}: cannot be loaded ({why}); mend the file or take it out",
    ),
    "input.strategy_count": (
        "{file}: 전략이 {count}개 있습니다 ({names}). 한 파일에는 하나만 두어 주세요.",
        "{file}: holds {count} strategies ({names}); there must be one",
    ),
    "input.strategy_name": (
        "{file}: 전략 이름이 {given!r}입니다. 파일 이름과 같은 {name!r}(으)로 고쳐 주세요.",
        "{file}: its strategy is called {given!r}; call it {name!r} like the file",
    ),
    "input.strategy_form": (
        "{file}: {part} 이(가) 없거나 잘못되었습니다. breakout.py 를 본떠 고쳐 주세요.",
        "{file}: {part} is missing or wrong; breakout.py shows the form",
    ),
    "input.strategy_bounds": (
        "{file}: 매개변수 {name} 에 범위가 없습니다. tunable(기본값, 최소, 최대)로 적어 주세요.",
        "{file}: parameter {name} has no bounds; write tunable(default, low, high)",
    ),
    "input.strategy_default": (
        "{file}: 매개변수 {name} 의 기본값 {given} 은(는) 쓸 수 없습니다. 허용 범위: {allowed}",
        "{file}: the default {given} of parameter {name} is not allowed; allowed: {allowed}",
    ),
    "input.strategy_texts": (
        "{file}: 설명이 없습니다: {missing}. 클래스의 texts 나 config/texts 에 한국어와 영어로 적어 주세요.",
        "{file}: texts are missing: {missing}; give them in the class's `texts` or in config/texts, in Korean and English",
    ),
    "input.strategy_texts_twice": (
        "{file}: 이미 있는 설명을 다시 적었습니다: {keys}. 지워 주세요.",
        "{file}: brings texts that are there already: {keys}; take them out",
    ),
    "input.parameter": (
        "{strategy} 전략에는 {name!r} 매개변수가 없습니다. 쓸 수 있는 이름: {known}",
        "strategy {strategy} has no parameter {name!r}; it has: {known}",
    ),
    "input.parameter_near": (
        "{strategy} 전략에는 {name!r} 매개변수가 없습니다. 혹시 '{near}'인가요?",
        "strategy {strategy} has no parameter {name!r}; did you mean {near}?",
    ),
    "input.parameter_none": (
        "{strategy} 전략에는 {name!r} 매개변수가 없습니다. 이 전략은 매개변수를 받지 않으니 지워 주세요.",
        "strategy {strategy} has no parameter {name!r}; it has: none",
    ),
    "input.parameter_number": (
        "매개변수 {name}={given}: 숫자가 아닙니다. {low}에서 {high} 사이로 적어 주세요.",
        "parameter {name}={given} is not a number; allowed: {low} to {high}",
    ),
    "input.parameter_range": (
        "매개변수 {name}={given}: 허용 범위를 벗어났습니다. {low}에서 {high} 사이로 적어 주세요.",
        "parameter {name}={given} is out of range; allowed: {low} to {high}",
    ),
    "input.parameter_truth": (
        "매개변수 {name}={given}: true 또는 false 로 적어 주세요.",
        "parameter {name}={given} is neither true nor false",
    ),
    "input.parameter_choice": (
        "매개변수 {name}={given}: 다음 중에서 고르세요: {choices}",
        "parameter {name}={given}: choose one of {choices}",
    ),
    # holdings that a person takes in or writes off
    "input.nothing_to_adopt": (
        "{symbol}: 편입할 수 있는 외부 보유분이 없습니다. 잔고와 미체결 주문을 확인해 주세요.",
        "{symbol}: no free foreign holding to adopt",
    ),
    "input.no_average_price": (
        "{symbol}: 거래소가 평균 매수가를 알려 주지 않습니다. 가격을 함께 적어 주세요.",
        "{symbol}: the venue tells no average price, give one",
    ),
    "input.order_under_way": (
        "{symbol}: 주문이 진행 중입니다. 끝난 뒤 다시 시도해 주세요.",
        "{symbol}: an order is under way, try again when it is over",
    ),
    "input.no_balances": (
        "{symbol}: 지금 거래소가 잔고를 보여 주지 않습니다. 잠시 뒤 다시 시도해 주세요.",
        "{symbol}: the venue shows no balances now",
    ),
    "input.nothing_missing": (
        "{symbol}: 모자란 수량이 없어 정리할 것이 없습니다.",
        "{symbol}: nothing is missing",
    ),
}
