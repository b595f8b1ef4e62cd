#!/usr/bin/env bash
# Install Chromium and fonts with Chinese characters where they are missing and this account may install packages.
# Exits 0 when nothing can be done: the browser tests then fail and say what to install.
set -euo pipefail

missing=()
if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then
    missing+=(chromium)
fi
if command -v fc-list >/dev/null; then
    # A grep that ends early would end fc-list with SIGPIPE, which pipefail takes for a failure.
    [[ -n "$(fc-list ':lang=zh' family)" ]] || missing+=(fonts-noto-cjk)
elif command -v apt-get >/dev/null; then
    missing+=(fontconfig fonts-noto-cjk)
fi
[[ ${#missing[@]} -eq 0 ]] && exit 0

as_root=()
if [[ "$(id -u)" -ne 0 ]]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root=(sudo -n)
    else
        echo "Browser tests need: ${missing[*]}. This account cannot install them; ask an administrator." >&2
        exit 0
    fi
fi
if ! command -v apt-get >/dev/null; then
    echo "Browser tests need: ${missing[*]}. There is no apt-get here; install them with this system's package manager." >&2
    exit 0
fi
echo "Installing ${missing[*]} for the browser tests."
# On Ubuntu the package chromium is a stub for a snap; the test for it fails with a message if it does not run.
if ! { "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null; }; then
    echo "Installing ${missing[*]} failed; the browser tests will fail until they are there." >&2
fi
