"""What Upbit's errors mean for a person: what happened, why, what to do next."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "upbit.error.no_authorization_ip": (
        "업비트가 API 키를 거부했습니다. 이 컴퓨터의 공인 IP가 키에 등록되어 있지 않습니다. "
        "업비트 > 마이페이지 > Open API 관리에서 현재 IP를 추가한 뒤 다시 시작하세요.",
        "Upbit refused the key: this machine's public IP is not registered for it. "
        "Add it at Upbit > My page > Open API management, then start again.",
    ),
    "upbit.error.invalid_access_key": (
        "업비트가 access key를 모릅니다. .env의 UPBIT_ACCESS_KEY가 지워졌거나 잘못 적힌 키인지 확인하세요.",
        "Upbit does not know this access key: check UPBIT_ACCESS_KEY in .env for a typing error or a deleted key.",
    ),
    "upbit.error.jwt_verification": (
        "업비트가 서명을 확인하지 못했습니다. .env의 UPBIT_SECRET_KEY가 access key와 짝이 맞는지 확인하세요.",
        "Upbit could not verify the signature: check in .env that UPBIT_SECRET_KEY belongs to the access key.",
    ),
    "upbit.error.expired_access_key": (
        "업비트 API 키의 유효 기간(1년)이 끝났습니다. Open API 관리에서 새 키를 만들어 .env에 적어 주세요.",
        "The Upbit key has expired (keys live one year): make a new one in Open API management and put it into .env.",
    ),
    "upbit.error.no_authorization_token": (
        "업비트가 인증 정보가 없다고 답했습니다. .env에 업비트 키 두 개가 모두 있는지 확인하세요.",
        "Upbit saw no credentials: check that both Upbit keys are in .env.",
    ),
    "upbit.error.no_key": (
        "업비트 API 키가 없어 주문과 잔고 조회를 할 수 없습니다. .env에 두 키를 적거나 모의(paper) 모드를 쓰세요.",
        "There is no Upbit key, so orders and balances are out of reach: put both keys into .env or use paper mode.",
    ),
    "upbit.error.out_of_scope": (
        "업비트 키에 이 기능의 권한이 없습니다. Open API 관리에서 자산조회, 주문조회, 주문하기만 켜세요.",
        "The Upbit key lacks this permission: switch on assets, order lookup and ordering (not withdrawal).",
    ),
    "upbit.error.thirdparty_agreement_required": (
        "업비트가 개인정보 제3자 제공 동의를 요구합니다. 업비트에 로그인해 동의한 뒤 다시 시작하세요.",
        "Upbit asks for your consent to third-party data sharing: log in to Upbit, agree, then start again.",
    ),
    "upbit.error.market_offline": (
        "업비트가 점검 중이거나 이 종목의 거래가 멈췄습니다. 점검이 끝나면 저절로 이어집니다.",
        "Upbit is under maintenance or this market is halted: the bot goes on by itself when it is over.",
    ),
    "upbit.error.too_many_requests": (
        "업비트 요청 한도를 넘어 잠시 기다립니다. 같은 계정이나 IP로 다른 프로그램이 돌고 있는지 확인하세요.",
        "Upbit's request limit is reached, waiting: check whether another program uses the same account or IP.",
    ),
    "upbit.error.banned": (
        "업비트가 요청 과다로 접속을 막았습니다. {seconds}초 뒤에 다시 시도하며, 재시작해도 기다립니다.",
        "Upbit has blocked us for too many requests: the bot asks again in {seconds} s, also after a restart.",
    ),
    "upbit.error.busy": (
        "업비트 요청이 밀려 이번에는 보내지 않았습니다. 다음 차례에 다시 시도합니다.",
        "Upbit's request budget is used up, so nothing was sent: the bot tries again at its next step.",
    ),
    "upbit.error.unreachable": (
        "업비트에 연결할 수 없습니다. 인터넷 연결을 확인하세요. 연결되면 저절로 이어집니다.",
        "Upbit cannot be reached: check the internet connection; the bot goes on by itself when it is back.",
    ),
    "upbit.error.timeout": (
        "업비트가 제때 답하지 않았습니다. 주문이었다면 실제로 들어갔는지 조회해서 판단합니다.",
        "Upbit did not answer in time: where it was an order, the bot looks up whether it exists.",
    ),
    "upbit.error.reset": (
        "업비트와의 연결이 답을 받기 전에 끊겼습니다. 주문이었다면 실제로 들어갔는지 조회해서 판단합니다.",
        "The connection to Upbit broke before its answer: where it was an order, the bot looks up whether it exists.",
    ),
    "upbit.error.unreadable": (
        "업비트의 답을 읽을 수 없습니다. 추측하지 않고 다시 조회합니다.",
        "Upbit's answer cannot be read: the bot does not guess, it asks again.",
    ),
    "upbit.error.closed": (
        "업비트 연결을 이미 닫아 요청하지 않았습니다. 봇을 다시 시작하세요.",
        "The connection to Upbit is already closed, so nothing was sent: start the bot again.",
    ),
    "upbit.error.internal_server_error": (
        "업비트 서버에 오류가 났습니다. 주문이었다면 실제로 들어갔는지 조회해서 판단합니다.",
        "Upbit's server failed: where it was an order, the bot looks up whether it exists.",
    ),
    "upbit.error.duplicated_identifier": (
        "이 주문 번호는 이미 쓰였습니다. 같은 주문이 들어가 있는지 조회해서 판단합니다.",
        "This order name was used before: the bot looks up whether that order exists.",
    ),
    "upbit.error.nonce_used": (
        "같은 요청이 두 번 도착했다고 업비트가 답했습니다. 처음 것이 처리됐는지 조회해서 판단합니다.",
        "Upbit says the same request came twice: the bot looks up what became of the first.",
    ),
    "upbit.error.insufficient_funds_bid": (
        "업비트의 원화가 부족해 매수하지 못했습니다. 다른 주문에 묶인 금액과 수수료를 확인하세요.",
        "Not enough KRW at Upbit for this buy: check what other orders hold and leave room for the fee.",
    ),
    "upbit.error.insufficient_funds_ask": (
        "업비트의 코인 잔고가 부족해 매도하지 못했습니다. 직접 팔았거나 다른 매도 주문에 묶여 있는지 확인하세요.",
        "Not enough coins at Upbit for this sale: check whether they were sold by hand or are held by another order.",
    ),
    "upbit.error.under_min_total_bid": (
        "업비트 최소 주문 금액(5,000원)보다 작아 매수하지 못했습니다. 한 번에 쓰는 금액을 늘리세요.",
        "The buy is under Upbit's minimum order (5,000 KRW): raise the amount per trade.",
    ),
    "upbit.error.under_min_total_ask": (
        "업비트 최소 주문 금액(5,000원)보다 작아 매도하지 못했습니다. 남은 수량은 잔량으로 둡니다.",
        "The sale is under Upbit's minimum order (5,000 KRW): what is left is kept as residue.",
    ),
    "upbit.error.over_krw_funds_bid": (
        "업비트의 1회 최대 주문 금액을 넘었습니다. 한 번에 쓰는 금액을 줄이세요.",
        "The order is over Upbit's maximum for one order: lower the amount per trade.",
    ),
    "upbit.error.notfoundmarket": (
        "업비트에 없는 종목입니다. 상장 폐지됐거나 이름이 바뀌었는지 확인하고 종목 목록에서 빼세요.",
        "Upbit has no such market: check whether it was delisted or renamed and take it off the list.",
    ),
    "upbit.error.invalid_price_bid": (
        "매수 가격이 업비트 호가 단위에 맞지 않습니다. 호가표를 새로 읽고 다음 주문부터 맞춥니다.",
        "The buy price is not on Upbit's tick: the tick table is read again for the next order.",
    ),
    "upbit.error.invalid_price_ask": (
        "매도 가격이 업비트 호가 단위에 맞지 않습니다. 호가표를 새로 읽고 다음 주문부터 맞춥니다.",
        "The sell price is not on Upbit's tick: the tick table is read again for the next order.",
    ),
    "upbit.error.no_funds": (
        "시장가 매수에 쓸 금액이 정해지지 않아 보내지 않았습니다. 설정을 확인하고 로그를 개발자에게 알려 주세요.",
        "The market buy names no amount, so it was not sent: check the settings and report the log.",
    ),
}
