"""Texts of `run_backtest.py optimize`, and of the options it shares with walk-forward."""

TEXTS: dict[str, tuple[str, str]] = {
    "optimize.html.title": ("매개변수 찾기", "Parameter search"),
    "optimize.html.ranking": (
        "검증 기간 순위: {tried:,}개 가운데 {shown:,}개",
        "Ranked out of sample: {shown:,} of {tried:,}",
    ),
    # the grid
    "optimize.grid_none": (
        "무엇을 바꿔 볼지 --grid 로 적어 주세요 (예: --grid {example}).",
        "Say what to try with --grid, e.g. --grid {example}.",
    ),
    "optimize.grid_twice": (
        "--grid {name} 이(가) 두 번 있습니다. 한 번만 적어 주세요.",
        "--grid {name} stands twice: give each name once.",
    ),
    "optimize.grid_form": (
        "--grid {name}={spec}: 시작:끝:간격 또는 값,값,값 형식으로 적어 주세요 (예: {example}).",
        "--grid {name}={spec}: write it as first:last:step or as value,value,value, e.g. {example}.",
    ),
    "optimize.grid_order": (
        "--grid {name}={spec}: 시작은 끝보다 작거나 같고 간격은 0보다 커야 합니다 (예: {example}).",
        "--grid {name}={spec}: the first must not be over the last and the step must be more than 0, e.g. {example}.",
    ),
    "optimize.grid_fine": (
        "--grid {name}: 값이 {count:,}개로 한 축의 한도 {most:,}개를 넘습니다. 간격을 넓혀 주세요.",
        "--grid {name}: {count:,} values are more than the {most:,} of one axis; take a wider step.",
    ),
    "optimize.grid_size": (
        "조합이 {size:,}개로 한도 {most:,}개를 넘습니다. 간격을 넓히거나 --trials 1000 처럼 무작위로 뽑을 수를 정해 주세요.",
        "{size:,} combinations are more than the {most:,} that are tried; take wider steps, or draw some with --trials 1000.",
    ),
    "optimize.unknown": (
        "--grid {name}: {strategy} 전략의 매개변수도 설정 항목도 아닙니다. 매개변수: {known}. 설정 항목은 설명서에 있습니다.",
        "--grid {name}: neither a parameter of {strategy} nor a knob; its parameters: {known}, the knobs are in the manual.",
    ),
    "optimize.unknown_near": (
        "--grid {name}: 그런 매개변수나 설정 항목이 없습니다. 혹시 '{near}'인가요?",
        "--grid {name}: there is no such parameter or knob; did you mean {near}?",
    ),
    "optimize.not_tunable": (
        "--grid {name}: 전략, 자금, 청산, 필터, 한도 항목만 비교할 수 있습니다. {name} 값은 --set 이나 해당 옵션으로 하나만 정해 주세요.",
        "--grid {name}: only knobs of money, exits, filters and limits can be tried; fix {name} with --set or its own option.",
    ),
    # numbers among the options
    "optimize.whole": (
        "{option} {raw}: {low} 이상의 정수로 적어 주세요.",
        "{option} {raw}: give a whole number of at least {low}.",
    ),
    "optimize.share": (
        "--out-of-sample {raw}: 0보다 크고 1보다 작은 비율로 적어 주세요 (예: 0.3).",
        "--out-of-sample {raw}: give a share between 0 and 1, e.g. 0.3.",
    ),
    "optimize.two_places": (
        "--workers 와 --cluster 중 하나만 적어 주세요.",
        "Give either --workers or --cluster, not both.",
    ),
    "optimize.too_short": (
        "캔들이 {candles:,}개뿐이라 --out-of-sample {share} 로 나눌 수 없습니다. 더 긴 데이터를 주거나 비율을 바꿔 주세요.",
        "{candles:,} candles are too few to split by --out-of-sample {share}; give more data or another share.",
    ),
    # who works
    "optimize.worker_lost": (
        "작업 프로세스가 갑자기 끝났습니다 (대개 메모리 부족). 같은 명령을 더 작은 --workers 로 다시 실행하면 이어서 합니다.",
        "A worker process ended suddenly, most often for want of memory; run the same command with fewer --workers to go on.",
    ),
    "optimize.no_distributed": (
        "--cluster 에는 dask.distributed 가 필요합니다. pip install distributed 로 설치하거나 --cluster 를 빼 주세요.",
        "--cluster needs dask.distributed: install it with pip install distributed, or leave --cluster out.",
    ),
    "optimize.no_cluster": (
        "--cluster {address}: 연결할 수 없습니다 ({why}). 스케줄러가 켜져 있는지 주소를 확인해 주세요.",
        "--cluster {address}: cannot be reached ({why}); check the address and that the scheduler runs.",
    ),
    "optimize.no_cluster_workers": (
        "--cluster {address}: 연결된 작업자가 없습니다. 이 폴더에서 python -m dask worker {address} 를 실행해 주세요.",
        "--cluster {address}: it has no workers; start some in this folder with python -m dask worker {address}.",
    ),
    "optimize.cluster_lost": (
        "--cluster {address}: 작업이 끊겼습니다 ({why}). 작업자마다 같은 버전의 이 폴더에서 python -m dask worker 로 켰는지 확인하고 다시 실행하면 이어서 합니다.",
        "--cluster {address}: the work broke off ({why}); check that every worker was started by python -m dask worker in this folder and version, then run again to go on.",
    ),
    # going on
    "optimize.resume_alien": (
        "{path}: 이 명령이 남긴 파일이 아닙니다. 건드리지 않았으니 다른 --resume 경로를 적어 주세요.",
        "{path}: not a file that this command left; it was not touched, name another with --resume.",
    ),
    "optimize.resume_other": (
        "{path}: 다른 탐색의 기록입니다 (다른 점: {what_ko}). 같은 명령으로 이어서 하거나 다른 --resume 경로를 적어 주세요.",
        "{path}: it belongs to another search (another {what_en}); repeat that command or name another file with --resume.",
    ),
    "optimize.mark_candles": ("캔들", "series"),
    "optimize.mark_detail": ("세부 캔들", "detail"),
    "optimize.mark_strategy": ("전략", "strategy"),
    "optimize.mark_grid": ("격자", "grid"),
    "optimize.mark_knobs": ("설정·자금·기간", "set of knobs, cash or spans"),
    "optimize.mark_engine": ("프로그램 버전", "version of the program"),
    "optimize.resumed": (
        "{done:,}/{total:,}개 조합은 이미 끝나 있어 이어서 합니다 ({path}).",
        "{done:,} of {total:,} combinations were done before; going on from {path}.",
    ),
    "optimize.stopped": (
        "멈췄습니다. {done:,}/{total:,}개 조합의 결과를 {path} 에 남겼으니 같은 명령을 다시 실행하면 이어서 합니다.",
        "Stopped: {done:,} of {total:,} combinations are kept in {path}; the same command goes on from there.",
    ),
    "optimize.progress": ("조합 시험 중", "Trying combinations"),
    # the report
    "optimize.title": (
        "{strategy} · {symbols} · {timeframe} · 학습 {start} ~ {border}, 검증 ~ {end} (KST)",
        "{strategy} · {symbols} · {timeframe} · in sample {start} to {border}, out of sample to {end} (KST)",
    ),
    "optimize.rank": ("순위", "Rank"),
    "optimize.ahead": ("검증 구간 수익률", "Return out of sample"),
    "optimize.ahead_trades": ("거래", "Trades"),
    "optimize.ahead_win_rate": ("승률", "Win rate"),
    "optimize.past": ("학습 구간 수익률", "Return in sample"),
    "optimize.past_trades": ("거래", "Trades"),
    "optimize.now": ("현재", "now"),
    "optimize.tried": (
        "{tried:,}개 조합을 시험했습니다 (격자 전체 {size:,}개). 1위는 검증 구간 성적을 보고 고른 것이므로, 그 수익률을 앞으로의 기대치로 볼 수 없습니다.",
        "{tried:,} combinations tried, of a grid of {size:,}. The first was picked by its result out of sample, so that return is no forecast any more.",
    ),
    "optimize.luck": (
        "우위가 전혀 없는 서로 다른 {tried:,}번의 시도 중 가장 운 좋은 것도 {days}일 동안 샤프 지수 {by_chance:.1f} 정도는 나옵니다. 1위의 샤프 지수는 {sharpe}입니다.",
        "Of {tried:,} independent tries without any edge, the luckiest would show a Sharpe ratio of about {by_chance:.1f} over {days} days; the first here shows {sharpe}.",
    ),
    "optimize.chosen": (
        "검증 구간을 보지 않고 학습 구간만으로 골랐다면 {values} 였고, 검증 구간에서 {ahead} (순위 {rank:,}/{tried:,}) 였습니다. 기대치로는 이쪽이 정직합니다.",
        "Picked by the in-sample part alone it would have been {values}: {ahead} out of sample (rank {rank:,} of {tried:,}). That is the honest expectation.",
    ),
    "optimize.still_open": (
        "구간 끝까지 보유 중인 포지션은 마지막 종가로 평가하며 거래 수에는 넣지 않습니다.",
        "A position still open at the end of a part counts at its last close and is not among the trades.",
    ),
    "optimize.no_trades": (
        "검증 구간에서 거래한 조합이 하나도 없습니다. 더 긴 데이터를 주거나 진입 필터를 꺼 보세요.",
        "No combination traded out of sample; give more data or switch entry filters off.",
    ),
    "optimize.heat": (
        "검증 구간 수익률: 가로 {x}, 세로 {y} (다른 값은 가장 좋은 것으로)",
        "Return out of sample: {x} across, {y} down (best over all other values)",
    ),
    "optimize.heat_large": (
        "{x} × {y} 표는 터미널에 그리기에 너무 큽니다. --json 이나 --csv 로 저장해서 보세요.",
        "The map of {x} by {y} is too large for a terminal; save it with --json or --csv.",
    ),
}
