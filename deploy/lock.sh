#!/usr/bin/env bash
# Resolve the dependencies of pyproject.toml into the two lock files, with hashes and without any registry's address.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v uv >/dev/null || { echo "请先安装 uv / please install uv first: pip install uv" >&2; exit 1; }
resolve() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
        --extra checks --extra pipelines --group install "$@" pyproject.toml
}
resolve --output-file requirements.lock
resolve --group dev --constraint requirements.lock --output-file requirements-dev.lock
if grep -nE 'https?://|--index|--find-links|file:' requirements.lock requirements-dev.lock; then
    echo "锁文件中出现了地址 / an address got into a lock file" >&2
    exit 1
fi
