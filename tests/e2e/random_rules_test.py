# Random rule files: our procmail does with them what the real one does, if it lies in the build folder.
# SPDX-License-Identifier: Apache-2.0
#
# The same files each time, so that a failure is the change's at hand; `python3 tests/support/random_rules.py CASES` makes
# fresh ones. RANDOM_RULES says how many cases, and perhaps the first seed: "20000" or "20000 77". A sanitized build is slow:
# it gets fewer.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import random_rules
import twin

count = "60" if twin.SANITIZED else "400"
wanted = os.environ.get("RANDOM_RULES", "").split() or [count]
sys.exit(random_rules.main(sys.argv[1:] or (wanted + ["5001"])[:2]))
