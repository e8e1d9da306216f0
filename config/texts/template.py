"""Comments of the `.env` template that belong to no single knob. A line break becomes a comment line."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "template.head": (
        "해태 설정. 이 파일을 .env로 복사해 고칩니다(첫 실행이 대신 복사합니다).\n"
        "줄 앞의 #을 지우고 값을 바꾸어 저장하면 실행 중인 봇이 다음 주기에 적용합니다.\n"
        "틀린 값이 있으면 아무것도 바뀌지 않고, 몇 번째 줄이 왜 틀렸는지 알려 줍니다.",
        "Settings of Haetae. Copy this file to .env and edit it (the first run copies it for you).\n"
        "Remove the # of a line, change the value and save: a running bot applies it at its next step.\n"
        "A wrong value changes nothing, and you are told the line and the reason.",
    ),
    "template.accounts": (
        "==== 키와 계정 ====\n비워 두면 없는 것입니다. 키는 출금 권한 없이 만들고 아무에게도 보여 주지 마십시오. "
        "바꾸면 다시 시작해야 합니다.",
        "==== Keys and accounts ====\nBlank means not set. Make keys without withdrawal and show them to nobody. "
        "A change needs a restart.",
    ),
    "template.live": (
        "실제 돈으로 거래(mode live)하려면 I_UNDERSTAND 라고 적습니다.",
        "Trading with real money (mode live) needs I_UNDERSTAND here.",
    ),
    "template.upbit": ("업비트 Open API", "Upbit Open API"),
    "template.bithumb": ("빗썸 API 2.0", "Bithumb API 2.0"),
    "template.binance": ("바이낸스 (현물과 선물)", "Binance (spot and futures)"),
    "template.kis": ("한국투자증권 (계좌는 12345678-01)", "Korea Investment & Securities (account as 12345678-01)"),
    "template.telegram": ("텔레그램 알림", "Telegram messages"),
    "template.discord": ("디스코드 알림", "Discord messages"),
    "template.models": ("언어 모델 (전략 llm)", "Language models (strategy llm)"),
    "template.database": (
        "장부를 PostgreSQL에 둘 때: postgresql+psycopg://user:password@host/name",
        "For a ledger in PostgreSQL: postgresql+psycopg://user:password@host/name",
    ),
    "template.knobs": (
        "==== 설정 ====\n"
        "아래 값은 프리셋이 없을 때의 기본값입니다. 프리셋이 먼저 정하고, 여기에 적은 값이 프리셋을 이깁니다.\n"
        "거래소 하나에만: HAETAE_UPBIT_TAKE_PROFIT_PERCENT=0.02\n"
        "전략 매개변수: HAETAE_PARAM_K=0.5, 거래소 하나에만 HAETAE_UPBIT_PARAM_K=0.5",
        "==== Settings ====\n"
        "The values below are the defaults without a preset. A preset comes first; what you write here wins over it.\n"
        "For one venue only: HAETAE_UPBIT_TAKE_PROFIT_PERCENT=0.02\n"
        "Strategy parameters: HAETAE_PARAM_K=0.5, for one venue HAETAE_UPBIT_PARAM_K=0.5",
    ),
}
