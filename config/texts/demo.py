"""Texts of the demo: what one command started and what it does."""

TEXTS: dict[str, tuple[str, str]] = {
    "demo.starting": (
        "해태 데모를 시작합니다: 내 컴퓨터 안의 연습용 거래소에서 가짜 돈으로 거래합니다. 질문도 키도 인터넷도 필요 없습니다.",
        "Starting the Haetae demo: it trades play money on a practice exchange inside this computer. No question, no "
        "key, no internet.",
    ),
    "demo.goes_on": (
        "지난번에 멈춘 곳에서 이어 갑니다 ({data}).",
        "It goes on from where it stopped ({data}).",
    ),
    "demo.port_busy": (
        "포트 {busy} 은(는) 다른 프로그램이 쓰고 있어 {port} 을(를) 씁니다.",
        "Port {busy} is taken by another program, so {port} is used.",
    ),
    "demo.no_port": (
        "{first}번부터 {last}번까지 빈 포트가 없습니다. --port 로 다른 번호를 알려 주세요.",
        "No port from {first} to {last} is free; name another one with --port.",
    ),
    "demo.ready": (
        "준비됐습니다. 웹 브라우저에서 여세요:  {address}",
        "Ready. Open this in your browser:  {address}",
    ),
    "demo.doing": (
        "봇은 전략 {strategy}({timeframe} 캔들)로 {count}개 종목을 살피며 사고팝니다. 끝내려면 Ctrl-C 를 누르세요.",
        "The bot watches {count} symbols with the strategy {strategy} ({timeframe} candles) and buys and sells. Ctrl-C "
        "ends it.",
    ),
    "demo.soon": (
        "시장은 실제보다 빠르게 흐르고, 보통 2분 안에 첫 매수가 나옵니다.",
        "The market runs faster than a real one; the first buy usually comes within two minutes.",
    ),
    "demo.summary": (
        "평가 자산 {equity}원 · 오늘 {day}원 · 보유 {positions}종목 · 오늘 거래 {trades}회",
        "equity {equity} KRW · today {day} KRW · {positions} positions · {trades} trades today",
    ),
    "demo.ending": (
        "끝내는 중입니다. 봇이 하던 일을 마치고 기록을 저장합니다...",
        "Ending: the bot finishes its step and saves its records...",
    ),
    "demo.ended": (
        "모두 끝났습니다. 다시 실행하면 여기서 이어 갑니다.",
        "All ended. Start it again and it goes on from here.",
    ),
    "demo.bot_ended": ("봇이 끝났습니다 (종료 코드 {code}).", "The bot ended (exit code {code})."),
    "demo.dashboard_ended": (
        "대시보드가 끝났습니다 (종료 코드 {code}): {said}. 봇도 차례로 끝냅니다.",
        "The dashboard ended (exit code {code}): {said}. The bot is ended too.",
    ),
    "demo.not_ready": (
        "{seconds}초가 지나도 준비되지 않았습니다. {logs} 의 기록을 확인하세요.",
        "Not ready after {seconds} s; look at the logs in {logs}.",
    ),
    "demo.killed": (
        "{name} 이(가) {seconds}초 안에 끝나지 않아 강제로 끝냈습니다.",
        "{name} did not end within {seconds} s and was killed.",
    ),
    "demo.bot": ("봇", "The bot"),
    "demo.dashboard": ("대시보드", "The dashboard"),
}
