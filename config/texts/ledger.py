"""Sentences about the data folder, its lock and its ledger."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "ledger.locked": (
        "다른 봇이 데이터 폴더 {folder} 을(를) 사용하고 있습니다(pid {pid}, {since} 시작). "
        "그 봇을 멈추거나 --data-dir 로 다른 폴더를 지정하세요.",
        "Another bot holds the data folder {folder} (pid {pid}, started {since}); "
        "stop it, or name another folder with --data-dir.",
    ),
    "ledger.lock_failed": (
        "데이터 폴더 {folder} 을(를) 잠글 수 없습니다({why}). 폴더의 권한과 디스크를 확인한 뒤 다시 시작하세요.",
        "The data folder {folder} cannot be locked ({why}); check its permissions and the disk, then start again.",
    ),
    "ledger.other_stamp": (
        "데이터 폴더 {folder} 의 장부는 {was} 의 것이고 지금은 {now} 입니다. "
        "실거래와 테스트넷의 파일은 옮기지 않으므로 --data-dir {other} 처럼 다른 폴더를 지정하세요.",
        "The ledger in {folder} belongs to {was}, and this start is {now}; files of testnet or live are never moved, "
        "so name another folder, for example --data-dir {other}.",
    ),
    "ledger.archived": (
        "장부의 표식이 달라({was} → {now}) 이전 파일을 {archive} (으)로 옮기고 새 장부를 시작합니다.",
        "The stamp changed ({was} -> {now}): the earlier files were moved to {archive}, and a new ledger begins.",
    ),
    "ledger.broken": (
        "장부 {file} 을(를) 읽을 수 없습니다({why}). 봇은 장부를 새로 만들지 않습니다. "
        "파일을 따로 보관하고 {backups} 의 가장 최근 사본을 그 자리에 놓은 뒤 다시 시작하세요.",
        "The ledger {file} cannot be read ({why}); the bot never replaces it. "
        "Keep the file aside, put the newest copy from {backups} in its place and start again.",
    ),
    "ledger.unopened": (
        "장부 {file} 을(를) 열 수 없습니다({why}). 디스크 공간과 권한을 확인하고, 다른 프로그램이 쓰고 있으면 닫은 뒤 다시 시작하세요.",
        "The ledger {file} cannot be opened ({why}); check space and permissions, close any other program that uses it, "
        "and start again.",
    ),
    "ledger.missing": (
        "데이터 폴더 {folder} 에 이전 거래의 파일은 있는데 장부 ledger.db 가 없습니다. "
        "{backups} 의 사본을 되돌려 놓거나 --data-dir 로 빈 폴더를 지정하세요.",
        "The data folder {folder} holds files of earlier trading but no ledger.db; "
        "put a copy from {backups} back, or name an empty folder with --data-dir.",
    ),
    "ledger.newer": (
        "장부 {file} 은(는) 더 새로운 버전({found})이 만들었습니다. 이 버전은 {known} 까지 읽습니다. "
        "프로그램을 갱신하세요.",
        "The ledger {file} was written by a newer version ({found}); this one reads up to {known}. Update the program.",
    ),
    "ledger.no_database": (
        "데이터베이스에 연결할 수 없습니다({why}). DATABASE_URL 과 서버를 확인한 뒤 다시 시작하세요.",
        "The database cannot be reached ({why}); check DATABASE_URL and the server, then start again.",
    ),
    "ledger.schema_name": (
        "DB_SCHEMA 의 값 {name} 은(는) 쓸 수 없습니다. 영문 소문자로 시작하고 소문자, 숫자, 밑줄만 쓰세요.",
        "DB_SCHEMA {name} cannot be used: begin with a lower-case letter and use lower-case letters, digits and "
        "underscores only.",
    ),
}
