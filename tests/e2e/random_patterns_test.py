# Random conditions: ours and the real procmail agree on match, score and MATCH, if the real one lies in the build folder.
# SPDX-License-Identifier: Apache-2.0
#
# The same conditions each time; `python3 tests/support/random_patterns.py RUNS` makes fresh ones.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import random_patterns

sys.exit(random_patterns.main(sys.argv[1:] or ["6", "5000"]))
