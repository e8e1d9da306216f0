"""Texts of main.py: help, answers and errors of the command line."""

TEXTS: dict[str, tuple[str, str]] = {
    "main.env_made": (
        ".env 파일을 만들었습니다. 지금은 연습(demo) 모드라 그대로 두어도 됩니다.",
        "Made a .env file; in demo mode it can stay as it is.",
    ),
    "main.archived": (
        "설정이 다른 이전 기록({was})을 {folder} (으)로 옮기고 새로 시작합니다.",
        "Moved the records of another run ({was}) to {folder} and begin anew.",
    ),
    "main.running": (
        "해태 실행 중: {mode} 모드, {venues}, 전략 {strategy} {timeframe}. 기록 {data}, 종료는 Ctrl-C.",
        "Haetae runs: mode {mode}, {venues}, strategy {strategy} {timeframe}. Files in {data}; Ctrl-C ends it.",
    ),
    "main.simulator": (
        "연습용 거래소를 {speed}배속으로 돌립니다 (인터넷과 키가 필요 없습니다).",
        "A practice exchange runs at {speed}x speed (no internet, no keys).",
    ),
    "main.no_simulator": (
        "연습용 거래소를 시작하지 못했습니다: {why}",
        "The practice exchange did not start: {why}",
    ),
    "main.keys_missing": (
        "{venue}: {mode} 모드에는 키가 필요합니다. .env 에 {names} 을(를) 적고 다시 시작하세요.",
        "{venue}: the mode {mode} needs keys; put {names} into .env and start again.",
    ),
    "main.venue_not_built": (
        "{venue}: 이 버전에서는 아직 지원하지 않습니다. venues 를 {known} 중에서 고르세요.",
        "{venue}: not supported in this version yet; choose venues from {known}.",
    ),
    "main.mode_not_built": (
        "{mode} 모드는 이 버전에서 아직 지원하지 않습니다. demo 또는 live 를 쓰세요.",
        "The mode {mode} is not supported in this version yet; use demo or live.",
    ),
    "main.bad_strategy": (
        "전략 설정이 잘못되었습니다: {why}",
        "The strategy settings are wrong: {why}",
    ),
    "main.replay_pairs": (
        "--replay 마다 --symbol 을 하나씩 적어 주세요 ({files}개와 {symbols}개).",
        "Give one --symbol for each --replay ({files} and {symbols} were given).",
    ),
    "main.only_demo": (
        "{options} 은(는) demo 모드에서만 쓸 수 있습니다.",
        "{options} can be used in the mode demo only.",
    ),
    "main.simulator_and_own": (
        "--simulator 로 연결할 때 {options} 은(는) 그 시뮬레이터를 시작하는 쪽에 적어야 합니다.",
        "With --simulator, {options} belong to the command that starts that simulator.",
    ),
    "main.ended": ("종료했습니다: {why}", "Ended: {why}"),
    "main.crashed": (
        "예상하지 못한 오류로 멈췄습니다: {why}. 자세한 내용은 {log} 에 있습니다. 다시 시작하면 이어서 복구합니다.",
        "Stopped by an unexpected error: {why}. Details are in {log}; starting again recovers.",
    ),
    "main.status_absent": (
        "{data} 에 봇 기록이 없습니다. python main.py run 으로 시작하세요.",
        "There is no bot in {data}; start one with python main.py run.",
    ),
    "main.status_dead": (
        "봇이 응답하지 않습니다: 마지막 신호 {age}초 전.",
        "The bot does not answer: last heartbeat {age} s ago.",
    ),
    "main.status_stopped": ("봇이 멈춰 있습니다 ({age}초 전에 정상 종료).", "The bot is stopped (ended {age} s ago)."),
    "main.status_unreadable": (
        "bot_status.json 을 읽을 수 없습니다: {problem}",
        "bot_status.json cannot be read: {problem}",
    ),
    "main.status_line": (
        "{status} · {mode} · 평가 자산 {equity}원 · 오늘 {day}원 ({percent}) · 신호 {age}초 전",
        "{status} · {mode} · equity {equity} KRW · today {day} KRW ({percent}) · heartbeat {age} s ago",
    ),
    "main.column_venue": ("거래소", "Venue"),
    "main.column_state": ("상태", "State"),
    "main.column_strategy": ("전략", "Strategy"),
    "main.column_trades": ("오늘 거래", "Trades today"),
    "main.column_positions": ("보유", "Positions"),
    "main.column_symbol": ("종목", "Symbol"),
    "main.column_quantity": ("수량", "Quantity"),
    "main.column_entry": ("매수가", "Entry"),
    "main.column_last": ("현재가", "Last"),
    "main.column_pnl": ("손익", "P/L"),
    "main.column_stop": ("손절", "Stop"),
    "main.cmd_not_running": (
        "봇이 실행 중이 아니라서 명령을 거두었습니다. python main.py run 으로 시작한 뒤 다시 보내세요.",
        "The bot is not running, so the command was taken back; start it with python main.py run and send it again.",
    ),
    "main.cmd_late": (
        "{timeout}초 안에 답이 없어 명령을 거두었습니다. 봇 상태를 확인하세요: python main.py status",
        "No answer within {timeout} s, so the command was taken back; look at python main.py status.",
    ),
    "main.cmd_accepted": (
        "명령이 접수되었지만 {timeout}초 안에 끝나지 않았습니다. 결과는 outcomes.json 에 남습니다.",
        "The command was accepted but is not over within {timeout} s; outcomes.json will tell.",
    ),
    "main.cmd_pair": ("{raw}: 이름=값 형식으로 적어 주세요.", "{raw}: write it as NAME=VALUE."),
    "main.cmd_state": ("{kind}: {state}. {detail}", "{kind}: {state}. {detail}"),
    "main.state_accepted": ("접수", "accepted"),
    "main.state_done": ("완료", "done"),
    "main.state_failed": ("실패", "failed"),
    "main.state_refused": ("거부", "refused"),
    "main.state_expired": ("만료", "expired"),
    "main.rebuilt": ("{count}개 파일을 장부에서 다시 만들었습니다.", "Rebuilt {count} files from the ledger."),
    "main.rebuild_running": (
        "봇이 실행 중이라 다시 만들 수 없습니다. 먼저 멈추세요: python main.py cmd stop",
        "The bot is running; stop it first: python main.py cmd stop",
    ),
    "main.no_ledger": ("{data} 에 장부(ledger.db)가 없습니다.", "There is no ledger.db in {data}."),
    "main.check_ok": ("[정상] {what}", "[ok] {what}"),
    "main.check_bad": ("[문제] {what}", "[problem] {what}"),
    "main.check_settings": ("설정: {mode} 모드, {venues}", "settings: mode {mode}, {venues}"),
    "main.check_strategy": (
        "{venue}: {strategy} {timeframe}, 프리셋 {preset}",
        "{venue}: {strategy} {timeframe}, preset {preset}",
    ),
    "main.check_connected": (
        "{venue}: 계좌 조회 성공, 주문 가능 {free} {currency}",
        "{venue}: account reached, free {free} {currency}",
    ),
    "main.check_capital": (
        "{venue}: 초기 자금 {capital} {currency} 이(가) 주문 가능 금액 {free} {currency} 보다 큽니다",
        "{venue}: initial_capital {capital} {currency} is more than the free {free} {currency}",
    ),
    "main.check_order_test": (
        "{venue}: 주문 시험 성공 ({symbol}, 실제 주문 없음)",
        "{venue}: order test passed ({symbol}, nothing was ordered)",
    ),
    "main.check_unreachable": ("{venue}: 연결할 수 없습니다: {why}", "{venue}: cannot be reached: {why}"),
    "main.check_warning": ("{text}", "{text}"),
}
