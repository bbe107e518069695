# What a dry-run says of the corpus' rule files that run no program is what deliveries then do: a part of the messages.
# SPDX-License-Identifier: Apache-2.0
#
# All of them, and `sluice check` beside the real procmail's complaints: python3 tests/support/corpus_tools.py
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import corpus_tools
import twin

sys.exit(corpus_tools.dry_runs_agree(50 if twin.SANITIZED else 20))
