# Every case of tests/cases gives its recorded outcome, and so does the real procmail where it is at hand.
# SPDX-License-Identifier: Apache-2.0
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import side_by_side

sys.exit(side_by_side.main(sys.argv[1:]))
