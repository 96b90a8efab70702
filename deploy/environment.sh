#!/usr/bin/env bash
# Make .venv from the hashed lock, as far as it is not there yet. Used by the Makefile; safe to run twice.
#
#   environment.sh runtime       what the product runs with (requirements.lock)
#   environment.sh development   and what tests and linting need (requirements-dev.lock)
#   environment.sh browser       what tests need beyond Python, from the distribution: Chromium, Chinese fonts, git
#
# pip is used as the machine has it configured, mirrors and all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*" >&2; }
stop() { say "$1"; exit 1; }
is_root() { [ "$(id -u)" = 0 ]; }

# Debian's packages, where we may install them; otherwise one sentence saying which.
need_packages() {
    if is_root && command -v apt-get >/dev/null; then
        say "安装系统软件包 / installing packages: $*"
        export DEBIAN_FRONTEND=noninteractive
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; } >/dev/null ||
            stop "软件包安装失败，请手工安装后重试 / could not install, please install by hand: $*"
    else
        stop "请先安装后重试 / please install first: apt-get install $*"
    fi
}

# The first Python that the lock is made for and the demo was run on.
find_python() {
    local name
    for name in "${HUTONG_PYTHON:-}" python3.11 python3 /usr/bin/python3.11; do
        if [ -n "$name" ] && "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
}

make_environment() { # lock file
    local lock=$1 python stamp wanted
    # What an interrupted installation left is made anew: pip trips over half a package.
    if [ ! -e .venv/.unfinished ] && [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null; then
        python=$PWD/.venv/bin/python
    else
        python=$(find_python)
        if [ -z "$python" ]; then
            need_packages python3 python3-venv
            python=$(find_python)
            [ -n "$python" ] || stop "需要 Python 3.11 至 3.13 / Python 3.11, 3.12 or 3.13 is needed (HUTONG_PYTHON=/path/to/python3.11)"
        fi
    fi
    stamp=.venv/.installed-$lock
    # The place is part of it: scripts and the path file hold it, and a checkout may have been moved.
    wanted=$({ cat "$lock" pyproject.toml deploy/environment.sh; "$python" -V; pwd; } | sha256sum)
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return
    "$python" -c 'import ensurepip, venv' 2>/dev/null || need_packages python3-venv
    say "准备 Python 环境（首次约需一到两分钟）/ preparing the Python environment, a minute or two the first time"
    [ "$python" = "$PWD/.venv/bin/python" ] || "$python" -m venv --clear .venv
    touch .venv/.unfinished
    # The lock names every package that is needed, so nothing is left for pip to resolve.
    PIP_ROOT_USER_ACTION=ignore .venv/bin/python -m pip install -qq --disable-pip-version-check --no-input \
        --no-compile --no-deps --require-hashes --requirement "$lock" ||
        stop "依赖安装失败，原因见上；检查网络或镜像设置后重试 / installing failed, see above; check network or mirror"
    # Compiling on all cores takes a third of the time that pip takes; some packages carry files for other Pythons.
    .venv/bin/python -m compileall -q -j 0 .venv/lib/python*/site-packages >/dev/null 2>&1 || true
    PIP_ROOT_USER_ACTION=ignore install_project
    printf '%s' "$wanted" >"$stamp"
    rm .venv/.unfinished
    # The development lock holds all of the other at the same versions; the reverse is not so.
    if [ "$lock" = requirements-dev.lock ]; then
        { cat requirements.lock pyproject.toml deploy/environment.sh; "$python" -V; pwd; } | sha256sum >.venv/.installed-requirements.lock
    fi
}

# The project itself, by its path; what builds it came with the lock, so nothing is fetched.
install_project() {
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-input --no-deps --no-build-isolation \
        --no-index --editable . || stop "项目安装失败，原因见上 / the project could not be installed, see above"
}

has_chinese_font() { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh family)" ]; }

case "${1:-}" in
    runtime) make_environment requirements.lock ;;
    development) make_environment requirements-dev.lock ;;
    browser)
        missing=()
        command -v git >/dev/null || missing+=(git) # the house's rules are about the files that are in it
        command -v chromium >/dev/null || missing+=(chromium)
        has_chinese_font || missing+=(fonts-noto-cjk fontconfig)
        [ ${#missing[@]} = 0 ] || need_packages "${missing[@]}"
        ;;
    *) stop "usage: environment.sh runtime|development|browser" ;;
esac
