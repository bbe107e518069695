#!/bin/sh
# Which lines and branches of the rule engine the random rule files reach.
# SPDX-License-Identifier: Apache-2.0
#
#   tests/support/coverage.sh [CASES [SEED]]      # 3000 cases from seed 1; the report is the last thing printed
#
# Builds build/coverage with gcov's counters, runs the cases there (build/peers must hold the real procmail), and tells for
# each file of rules/ what was reached; what was not is listed, a line each. Branches that only exceptions take are left out.
set -e
cd "$(dirname "$0")/../.."
cases=${1:-3000} seed=${2:-1}
counters=$(mktemp -d)
trap 'rm -rf "$counters"' EXIT
chmod 1777 "$counters"
cmake -S . -B build/coverage -G Ninja -DCMAKE_BUILD_TYPE=Debug ${CMAKE_OPTIONS-} \
  -DCMAKE_CXX_FLAGS="--coverage -fprofile-update=atomic -O0" >build/coverage.log
cmake --build build/coverage --target sluice >>build/coverage.log
GCOV_PREFIX="$counters" SLUICE_BIN=build/coverage/bin python3 tests/support/random_rules.py "$cases" "$seed" || true
python3 tests/support/coverage_report.py build/coverage "$counters"
