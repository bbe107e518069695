# Rule files as people write them, and the examples of procmailex(5): our programs do with them what the real ones do.
# SPDX-License-Identifier: Apache-2.0
#
# The same part of the messages each time; SLUICE_CORPUS=all takes all of them (minutes). Without the real procmail ours
# runs alone, for crashes.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import corpus
import twin

share = 1 if os.environ.get("SLUICE_CORPUS") == "all" else 50 if twin.SANITIZED else 10
sys.exit(corpus.main(sys.argv[1:], share))
