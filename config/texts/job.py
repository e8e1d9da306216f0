"""Jobs that the bot does by the clock: their names, and what became of them."""

TEXTS: dict[str, tuple[str, str]] = {
    "job.compare": ("하루 비교", "daily comparison"),
    "job.compared": (
        "하루 비교: {date} {venue} 실제 거래 {lived}건, 이상적 재현 {ideal}건, 똑같은 거래 {same}건, 원인을 아는 차이 {explained}건, "
        "모르는 차이 {unexplained}건",
        "Daily comparison: {date} {venue}, {lived} trades lived, {ideal} replayed without delay, {same} equal, "
        "{explained} differences explained, {unexplained} not",
    ),
    "job.not_compared": (
        "하루 비교를 하지 못했습니다: {date} {venue}, 원인 {code} ({why}). 거래는 계속됩니다. 직접 보려면 run_backtest.py compare 를 실행하세요",
        "No daily comparison: {date} {venue}, {code} ({why}). Trading goes on; to look yourself, run run_backtest.py "
        "compare",
    ),
    "job.compare_result": (
        "{date}: 거래 {lived}건 비교, 원인을 아는 차이 {explained}건, 모르는 차이 {unexplained}건",
        "{date}: {lived} trades compared, {explained} differences explained, {unexplained} not",
    ),
    "job.compare_failed": ("{date}: 비교하지 못함 ({why})", "{date}: not compared ({why})"),
    "job.daily_summary": ("하루 결산", "daily summary"),
    "job.summarized": (
        "하루 결산: {date} {venue} 거래 {total_trades}건 (이익 {wins}, 손실 {losses}), 손익 {total_pnl} {currency}, "
        "최대 이익 {largest_win}, 최대 손실 {largest_loss}, 수수료 {fees}, 평가금액 {equity} {currency}",
        "Daily summary: {date} {venue}, {total_trades} trades ({wins} won, {losses} lost), profit {total_pnl} {currency}, "
        "largest win {largest_win}, largest loss {largest_loss}, fees {fees}, equity {equity} {currency}",
    ),
    "job.not_summarized": (
        "하루 결산을 하지 못했습니다: {date}, 원인 {code} ({why}). 거래는 계속되고 10분 뒤에 다시 시도합니다",
        "No daily summary: {date}, {code} ({why}). Trading goes on; it is tried again in ten minutes",
    ),
    "job.daily_summary_result": (
        "{date}: 거래 {trades}건, 손익 {pnl} {currency}",
        "{date}: {trades} trades, profit {pnl} {currency}",
    ),
    "job.daily_summary_failed": ("{date}: 결산하지 못함 ({why})", "{date}: not summed up ({why})"),
    "job.k_found": (
        "돌파 계수 k 찾기: {venue} k {was} -> {k} (최근 캔들에서 거래 {trades}건, 비용 뺀 수익 {net_percent} %)",
        "Best k: {venue} k {was} -> {k} ({trades} trades in the last candles, {net_percent} % after costs)",
    ),
    "job.k_not_found": (
        "돌파 계수 k를 찾지 못했습니다: {venue}, 원인 {code} ({why}). k는 그대로이고 거래는 계속됩니다",
        "No best k: {venue}, {code} ({why}). k stays and trading goes on",
    ),
    "job.find_best_k_result": ("k {was} -> {k} (거래 {trades}건)", "k {was} -> {k} ({trades} trades)"),
    "job.find_best_k_failed": ("찾지 못함 ({why})", "not found ({why})"),
    "job.ledger_backup": ("장부 백업", "ledger backup"),
    "job.backed_up": (
        "장부 백업: {date}, {megabytes} MB, 보관 {kept}개",
        "Ledger backup: {date}, {megabytes} MB, {kept} kept",
    ),
    "job.not_backed_up": (
        "장부를 백업하지 못했습니다: {date}, 원인 {code} ({why}). 거래는 계속되고 1시간 뒤에 다시 시도합니다",
        "No ledger backup: {date}, {code} ({why}). Trading goes on; it is tried again in an hour",
    ),
    "job.ledger_backup_result": ("{date}: {megabytes} MB, 보관 {kept}개", "{date}: {megabytes} MB, {kept} kept"),
    "job.ledger_backup_failed": ("백업 없음: {why}", "no backup: {why}"),
    "job.failed.disk_short": ("디스크 공간 부족", "disk space is short"),
    "job.failed.damaged": ("사본이 손상됨", "the copy is damaged"),
    "job.failed.not_copied": ("장부를 복사하지 못함", "the ledger could not be copied"),
    "job.failed.server": ("PostgreSQL 백업은 데이터베이스 서버의 몫", "PostgreSQL is backed up by its server"),
    "job.failed.overran": ("시간 초과", "took too long"),
    "job.failed.died": ("작업 프로세스가 중단됨", "its process died"),
    "job.failed.unreadable": ("결과를 읽을 수 없음", "unreadable answer"),
    "job.failed.not_started": ("시작하지 못함", "could not be started"),
    "job.failed.not_written": ("파일을 쓰지 못함", "file could not be written"),
    "job.failed.nothing_recorded": ("기록이 없음", "nothing recorded"),
    "job.failed.no_ledger": ("장부 파일이 없음", "no ledger file"),
    "job.failed.ledger_unreadable": ("장부를 읽을 수 없음", "ledger unreadable"),
}
