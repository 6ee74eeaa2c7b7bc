#!/usr/bin/env bash
# Makes the image in which submissions to "{{ assignment }}" are graded: the system's own Python, a virtual environment,
# CPU builds of PyTorch, the grading engine. Runs once, as root. Where it fails, the last line says what to do.
set -euo pipefail

home={{ autograder_dir }}
source=$home/source
venv=$home/venv
cpu_index=https://download.pytorch.org/whl/cpu

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: FAILED: %s\n' "$*" >&2; exit 1; }

# 1. What must come from the distribution: Python with venv, and libseccomp, which is often there already.
packages=""
python3 -c 'import ensurepip, venv' 2> /dev/null || packages="python3 python3-venv"
ldconfig -p | grep -q 'libseccomp\.so\.2' || packages="$packages libseccomp2"
if [ -n "$packages" ]; then
  say "installing $packages"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq || fail "apt-get update did not work; build the image again in some minutes"
  # shellcheck disable=SC2086
  apt-get install -y -qq --no-install-recommends $packages > /dev/null || fail "apt-get cannot install: $packages"
  rm -rf /var/lib/apt/lists/*
fi
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
  fail "$(python3 --version) is too old, 3.10 is needed; choose Ubuntu 22.04 or newer as the base image"

# 2. A virtual environment, which the user that runs the student's code can read.
umask 022
chmod o+x "$home"
say "making $venv with $(python3 --version)"
python3 -m venv --clear "$venv"
python=$venv/bin/python
pip() { "$python" -m pip --disable-pip-version-check --no-input "$@"; }
install() { pip install --quiet --no-cache-dir --no-warn-script-location -c "$source/constraints.txt" "$@"; }

# 3. PyTorch: from its own index, whose builds for the CPU are far smaller, if it can be reached.
if "$python" -c "import urllib.request as r; r.urlopen('$cpu_index/torch/', timeout=15)" 2> /dev/null; then
  say "installing torch and torchvision from $cpu_index"
  install --no-deps --index-url "$cpu_index" torch torchvision || fail "pip cannot install torch from $cpu_index"
else
  say "$cpu_index cannot be reached: torch and torchvision come from pip's default index and may be larger"
fi
say "installing what grading needs"
install -r "$source/requirements.txt" || fail "pip cannot install requirements.txt; the lines above say which package"
install --no-deps --no-index "$source"/engine/*.whl || fail "pip cannot install the grading engine"

# 4. The image is good if it gives the reference solutions full marks.
say "checking the image: grading the reference solutions"
"$python" -I -m autograder.gradescope.check_image "$source/payload" ||
  fail "the image does not grade as it should; the lines above say why"

# 5. Suites and solutions are root's alone, with what Python has just made of them.
chown -R root:root "$source"
chmod -R go= "$source"
say "done: $(du -sm "$venv" | cut -f 1) MB installed"
