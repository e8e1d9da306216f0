"""Texts of the local exchange simulator's command line."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "simulator.help_program": (
        "거래소의 통신 규격으로 응답하는 로컬 모의 거래소를 시작합니다.",
        "Starts a local exchange that speaks the venues' wire protocol.",
    ),
    "simulator.help_seed": ("모의 시장의 난수 씨앗", "seed of the generated market"),
    "simulator.help_speed": ("시장 시간의 배속", "how many times faster market time runs"),
    "simulator.help_replay": (
        "재생할 캔들 CSV 파일 (--symbol과 짝을 이루며 여러 번 쓸 수 있음)",
        "candle CSV file to replay (paired with --symbol, may be repeated)",
    ),
    "simulator.help_symbol": ("재생 파일의 마켓 이름", "market of the replayed file"),
    "simulator.help_state": (
        "상태를 저장하고 다음에 이어 갈 파일",
        "file the state is saved to and resumed from",
    ),
    "simulator.help_host": ("서버를 열 주소", "address to listen on"),
    "simulator.help_cash": ("처음 가진 원화", "won the account starts with"),
    "simulator.help_start": ("시장이 열리는 시각 (UTC 밀리초)", "market time of the opening (ms UTC)"),
    "simulator.help_parent": (
        "이 프로세스가 끝나면 함께 끝납니다",
        "ends when this process has ended",
    ),
    "simulator.help_lang": ("메시지 언어", "language of the messages"),
    "simulator.replay_pairs": (
        "--replay는 {files}개, --symbol은 {symbols}개입니다. 재생 파일마다 --symbol을 하나씩 적어 주세요.",
        "There are {files} --replay and {symbols} --symbol; give one --symbol for each replayed file.",
    ),
    "simulator.symbol_form": (
        "마켓 이름 {symbol}을(를) 쓸 수 없습니다. KRW-BTC 같은 이름을 한 번씩만 적어 주세요.",
        "The market {symbol} cannot be used; write names like KRW-BTC, each once.",
    ),
    "simulator.speed_range": (
        "배속 {speed}은(는) 쓸 수 없습니다. 0보다 크고 100000 이하인 수를 적어 주세요.",
        "The speed {speed} cannot be used; give a number above 0 and at most 100000.",
    ),
    "simulator.cash_number": (
        "시작 금액 {cash}은(는) 쓸 수 없습니다. 0 이상의 수를 적어 주세요.",
        "The starting cash {cash} cannot be used; give a number of 0 or more.",
    ),
    "simulator.replay_unreadable": (
        "캔들 파일 {path}의 {line}번째 줄을 읽을 수 없습니다({reason}). 파일을 확인하고 다시 시작해 주세요.",
        "The candle file {path} cannot be read at line {line} ({reason}); check the file and start again.",
    ),
    "simulator.state_unusable": (
        "저장된 상태 {path}에서 이어 갈 수 없습니다({reason}). 파일을 지우면 새 시장으로 시작합니다.",
        "The saved state {path} cannot be resumed ({reason}); remove the file to begin with a new market.",
    ),
    "simulator.no_parent": (
        "프로세스 {pid}이(가) 없어 시작하지 않았습니다. --parent에는 실행 중인 프로세스 번호를 적어 주세요.",
        "There is no process {pid}, so nothing was started; give --parent the number of a running process.",
    ),
    "simulator.os_error": (
        "모의 거래소를 시작하거나 저장할 수 없습니다({reason}). 경로와 권한을 확인해 주세요.",
        "The simulator cannot start or save ({reason}); check the path and its permissions.",
    ),
}
