"""Notices sent to a person's phone (HTML of Telegram: <b> only; values are escaped by the sender)."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "notice.entry": (
        "<b>매수 완료</b> {symbol} ({venue})\n수량 {quantity}, 가격 {price}\n금액 {amount} {currency}, 전략 {strategy}",
        "<b>Bought</b> {symbol} ({venue})\nquantity {quantity}, price {price}\namount {amount} {currency}, "
        "strategy {strategy}",
    ),
    "notice.exit": (
        "<b>매도 완료</b> {symbol} ({venue})\n수량 {quantity}, 가격 {price}\n사유 {reason}\n"
        "손익 {pnl} {currency} ({pnl_percent} %)",
        "<b>Sold</b> {symbol} ({venue})\nquantity {quantity}, price {price}\nreason {reason}\n"
        "profit {pnl} {currency} ({pnl_percent} %)",
    ),
    "notice.slippage": (
        "<b>슬리피지 경고</b> {symbol} ({venue})\n매도가 {price}, 예상 {expected}, 차이 {slippage_percent} %",
        "<b>Slippage</b> {symbol} ({venue})\nsold at {price}, expected {expected}, {slippage_percent} % off",
    ),
    "notice.latch": (
        "<b>차단</b> {venue} {gate}\n{detail}\n새 진입을 멈췄습니다. 확인한 뒤 rearm 명령으로 해제하세요.",
        "<b>Latched</b> {venue} {gate}\n{detail}\nNo new entries; look into it, then lift it with the command rearm.",
    ),
    "notice.error": ("<b>오류</b> {where}\n{why}", "<b>Error</b> {where}\n{why}"),
    "notice.unexplained": (
        "<b>하루 비교</b> {date} ({venue})\n원인을 모르는 차이 {count}건. run_backtest.py compare 로 확인하세요.",
        "<b>Daily comparison</b> {date} ({venue})\n{count} differences without a cause: look with run_backtest.py compare.",
    ),
    "notice.summary": (
        "<b>하루 결산</b> {date} ({venue})\n거래 {total_trades}건 (이익 {wins}, 손실 {losses})\n"
        "손익 {total_pnl} {currency}, 수수료 {fees}\n최대 이익 {largest_win}, 최대 손실 {largest_loss}\n"
        "평가금액 {equity} {currency}",
        "<b>Daily summary</b> {date} ({venue})\n{total_trades} trades ({wins} won, {losses} lost)\n"
        "profit {total_pnl} {currency}, fees {fees}\nlargest win {largest_win}, largest loss {largest_loss}\n"
        "equity {equity} {currency}",
    ),
    "notice.no_backup": (
        "<b>장부 백업 실패</b> {date}\n{code}: {why}\n거래는 계속됩니다. 디스크 공간과 data/backups 폴더를 확인하세요.",
        "<b>No ledger backup</b> {date}\n{code}: {why}\nTrading goes on; look at the disk space and the folder "
        "data/backups.",
    ),
    "notice.start": (
        "<b>해태 시작</b>\n모드 {mode}, 거래소 {venues}, 전략 {strategy}",
        "<b>Haetae started</b>\nmode {mode}, venues {venues}, strategy {strategy}",
    ),
    "notice.stop": ("<b>해태 종료</b>\n{why}", "<b>Haetae stopped</b>\n{why}"),
    "notice.dropped": (
        "(보내지 못한 알림 {count}건을 건너뛰었습니다)",
        "({count} notices could not be sent and were left out)",
    ),
}
