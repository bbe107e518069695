" SPDX-License-Identifier: Apache-2.0
au BufRead,BufNewFile *.rc,.procmailrc,procmailrc setfiletype sluice
