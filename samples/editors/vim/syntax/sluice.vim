" Vim syntax file for rule files of Sluice and procmail.
" SPDX-License-Identifier: Apache-2.0
" Copy vim/ into ~/.vim, or: set runtimepath+=…/samples/editors/vim
if exists("b:current_syntax")
  finish
endif

syn case match

" A recipe's first line: flags, and a lock file.
syn match sluiceHead "^\s*:0\=.*$" contains=sluiceColon,sluiceComment
syn match sluiceColon "^\s*:0\=" contained nextgroup=sluiceFlags,sluiceWrongFlag,sluiceLock skipwhite
syn match sluiceFlags "[HBDAaEehbfcwWir]\+" contained nextgroup=sluiceFlags,sluiceWrongFlag,sluiceLock skipwhite
syn match sluiceWrongFlag "[^HBDAaEehbfcwWir:# \t]" contained nextgroup=sluiceFlags,sluiceWrongFlag,sluiceLock skipwhite
syn match sluiceLock ":[^#]*" contained contains=sluiceVariable

" Conditions: prefixes, then an expression. They have no comments.
syn match sluiceCondition "^\s*\*.*\(\\\n.*\)*$" contains=sluiceStar
" Of groups that may come next, the one that is defined last is tried first.
syn match sluiceExpression "[^!$?<> \t].*\(\\\n.*\)*$" contained contains=sluiceMacro,sluiceMatch,sluiceEscape,sluiceClass,sluiceVariable
syn match sluiceStar "^\s*\*" contained nextgroup=sluiceWeight,sluicePrefix,sluiceArea,sluiceExpression skipwhite
syn match sluiceWeight "[-+]\=[0-9.]\+^[-+]\=[0-9.]\+" contained nextgroup=sluicePrefix,sluiceArea,sluiceExpression skipwhite
syn match sluicePrefix "[!$?<>]" contained nextgroup=sluicePrefix,sluiceArea,sluiceExpression skipwhite
syn match sluiceArea "\(HB\|BH\|H\|B\|\h\w*\)\s*??" contained nextgroup=sluicePrefix,sluiceExpression skipwhite
syn match sluiceMacro "\^TO_\=\|\^FROM_DAEMON\|\^FROM_MAILER" contained
syn match sluiceMatch "\\/" contained
syn match sluiceEscape "\\[^/]" contained
syn match sluiceClass "\[\^\=\]\=[^]]*\]" contained

" Assignments.
syn match sluiceAssignment "^\s*\h\w*\s*=" contains=sluiceSpecial,sluiceName nextgroup=sluiceCapture skipwhite
syn match sluiceName "\h\w*" contained
syn match sluiceCapture "|.*\(\\\n.*\)*$" contained contains=sluiceVariable,sluiceString
syn keyword sluiceSpecial contained MAILDIR DEFAULT ORGMAIL LOGFILE LOG LOGABSTRACT VERBOSE INCLUDERC SWITCHRC LOCKFILE LOCKEXT
syn keyword sluiceSpecial contained LOCKSLEEP LOCKTIMEOUT TIMEOUT SHELL SHELLFLAGS SHELLMETAS SENDMAIL SENDMAILFLAGS HOST UMASK
syn keyword sluiceSpecial contained COMSAT TRAP EXITCODE LASTFOLDER MATCH SHIFT LINEBUF DELIVERED DROPPRIVS MSGPREFIX SUSPEND
syn keyword sluiceSpecial contained MATCH_DECODED HOME LOGNAME PATH

" Actions: programs, addresses, blocks; any other line names a folder.
syn match sluiceProgram "^\s*|.*\(\\\n.*\)*$" contains=sluiceVariable,sluiceString
syn match sluiceForward "^\s*!.*\(\\\n.*\)*$" contains=sluiceVariable,sluiceString,sluiceComment
syn match sluiceBlock "[{}]"

syn match sluiceVariable "\${\=\\\=\h\w*}\=\|\$[0-9@#$?=_-]"
syn region sluiceString start=+"+ skip=+\\.+ end=+"+ contains=sluiceVariable,sluiceEscape
syn region sluiceString start=+'+ end=+'+
syn region sluiceBackquote start=+`+ skip=+\\.+ end=+`+ contains=sluiceVariable
syn match sluiceComment "\(^\|\s\)\zs#.*$"

hi def link sluiceColon Statement
hi def link sluiceFlags Type
hi def link sluiceWrongFlag Error
hi def link sluiceLock Special
hi def link sluiceStar Statement
hi def link sluiceWeight Number
hi def link sluicePrefix Operator
hi def link sluiceArea Type
hi def link sluiceExpression String
hi def link sluiceMacro PreProc
hi def link sluiceMatch SpecialChar
hi def link sluiceEscape SpecialChar
hi def link sluiceClass Character
hi def link sluiceSpecial Keyword
hi def link sluiceName Identifier
hi def link sluiceCapture Function
hi def link sluiceProgram Function
hi def link sluiceForward Function
hi def link sluiceBlock Delimiter
hi def link sluiceVariable Identifier
hi def link sluiceString String
hi def link sluiceBackquote Function
hi def link sluiceComment Comment

let b:current_syntax = "sluice"
