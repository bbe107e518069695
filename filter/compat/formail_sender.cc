// Picks the sender out of a header: which field, and which part of it.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/formail_sender.h"

#include <algorithm>
#include <array>
#include <vector>

namespace filter::compat {
namespace {

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n'; }

// Behind a quoted string, a domain literal or a comment that begins at `at`; one that is not closed ends the text.
std::size_t skip_enclosed(std::string_view text, std::size_t at, char close) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == close)
      return at + 1;
    else if (close == ')' && text[at] == '(')
      at = skip_enclosed(text, at, ')') - 1;
  }
  return text.size();
}

struct Word {
  std::string text;  // as it stands, quotes and all
  char special = 0;  // or one of ( ) < > , ; : @ . that stands alone
};

// The words of an address, comments and blanks gone.
class WordReader {
 public:
  explicit WordReader(std::string_view text) : text_(text) {}
  bool at_end() const { return at_ >= text_.size(); }
  std::optional<Word> next();

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

constexpr std::string_view kSpecials = "<>,;:@.";

std::optional<Word> WordReader::next() {
  while (at_ < text_.size() && (is_space(text_[at_]) || text_[at_] == '('))
    at_ = text_[at_] == '(' ? skip_enclosed(text_, at_, ')') : at_ + 1;
  if (at_ >= text_.size()) return std::nullopt;
  if (kSpecials.find(text_[at_]) != std::string_view::npos) return Word{{}, text_[at_++]};
  const std::size_t begin = at_;
  while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != '(' &&
         kSpecials.find(text_[at_]) == std::string_view::npos) {
    if (text_[at_] == '"')
      at_ = skip_enclosed(text_, at_, '"');
    else if (text_[at_] == '[')
      at_ = skip_enclosed(text_, at_, ']');
    else
      at_ += text_[at_] == '\\' ? 2 : 1;
  }
  at_ = std::min(at_, text_.size());
  return Word{std::string(text_.substr(begin, at_ - begin)), 0};
}

// Between angle brackets: everything up to the closing one.
std::string bracketed(WordReader& words) {
  std::string address;
  bool needs_brackets = false;
  while (const auto word = words.next()) {
    if (word->special == '>') break;
    needs_brackets = needs_brackets || word->special == ',' || word->special == ';';
    if (word->special != 0) address += word->special;
    address += word->text;
  }
  return needs_brackets ? "<" + address + ">" : address;
}

// What an address is worth, whatever field it stands in.
enum class Worth { Bare, Uucp, OneName, Bang, Good };
constexpr int kWorths = 5;

Worth worth_of(std::string_view address) {
  const bool has_at = address.find('@') != std::string_view::npos;
  const bool has_bang = address.find('!') != std::string_view::npos;
  if (!has_at && !has_bang) return Worth::Bare;
  if (address.find(".UUCP") != std::string_view::npos) return Worth::Uucp;
  if (has_at && address.find('.') == std::string_view::npos) return Worth::OneName;
  return has_bang ? Worth::Bang : Worth::Good;
}

constexpr std::string_view kReturnPath = "Return-Path:";

// Lowest first.
using Ranks = std::span<const std::string_view>;
constexpr std::string_view kEnvelope[] = {
    "Reply-To:",          "From:",      "Sender:",   "Resent-Reply-To:", "Resent-From:", "Resent-Sender:", "Path:",
    "Return-Receipt-To:", "Errors-To:", kReturnPath, kFromName};
constexpr std::string_view kHeader[] = {
    "Path:", "Return-Receipt-To:", "Errors-To:", kFromName, kReturnPath, "Sender:", "From:", "Reply-To:"};
constexpr std::string_view kHeaderResent[] = {
    "Path:", "Return-Receipt-To:", "Errors-To:",     kFromName,      kReturnPath,       "Sender:",
    "From:", "Reply-To:",          "Resent-Sender:", "Resent-From:", "Resent-Reply-To:"};
constexpr std::string_view kResent[] = {"Resent-Sender:", "Resent-From:", "Resent-Reply-To:"};

// 0: not a field that names a sender.
int rank_of(const Field& field, SenderChoice choice) {
  const Ranks ranks = !choice.trust_header  ? Ranks(kEnvelope)
                      : choice.resent_first ? Ranks(kHeaderResent)
                                            : Ranks(kHeader);
  const auto same = [&field](std::string_view name) { return equal_ignoring_case(field.name(), name); };
  const auto found = std::ranges::find_if(ranks, same);
  if (found != ranks.end()) return 2 + static_cast<int>(found - ranks.begin());
  return std::ranges::any_of(kResent, same) ? 1 : 0;
}

constexpr int kRankSpan = 16;  // more than there are ranks

}  // namespace

std::string address_in(std::string_view content) {
  WordReader words(content.substr(0, content.find('\0')));
  std::string address;
  bool joined = true;     // the next word belongs to this one
  bool complete = false;  // a second word has come: only angle brackets count from now on
  bool group = false;
  while (const auto word = words.next()) {
    if (word->special == '<') return bracketed(words);
    if (complete || (word->special == '>')) {
      complete = true;
      continue;
    }
    if (!group && (word->special == ',' || word->special == ';')) break;
    if (word->special != 0) {
      address += word->special;
      group = (group || word->special == ':') && word->special != ';';
      joined = true;
    } else if (joined || group) {
      address += word->text;
      joined = false;
    } else {
      complete = true;
    }
  }
  return address;
}

EnvelopeSender envelope_sender(const Field& from_line) {
  std::string hosts;
  std::string user;
  bool followed = false;
  bool bracketed_before = false;
  std::size_t lines = 0;
  for (std::string_view rest = from_line.text; !rest.empty(); ++lines) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    line.remove_prefix(std::min(line.find_first_not_of('>'), line.size()));
    if (!line.starts_with(kFromName)) continue;
    line.remove_prefix(kFromName.size());
    user = line.substr(0, line.find(' '));
    followed = user.size() < line.size();
    bracketed_before = bracketed_before || user.starts_with('<');
    if (!followed) hosts.clear();
    for (const std::string_view phrase : {" remote from ", " forwarded by "})
      if (const std::size_t at = line.find(phrase); at != std::string_view::npos)
        hosts += std::string(line.substr(at + phrase.size())) + "!";
  }
  EnvelopeSender sender;
  // Where nothing follows the sender, it is read as any field's content is.
  sender.address = address_in(user.starts_with('<') || !followed ? user : "<" + user + ">");
  if (lines > 1 && !bracketed_before) sender.path = hosts;
  if (user.find('@') == std::string::npos && !user.starts_with('<') && !hosts.empty()) {
    std::erase_if(hosts, is_space);
    sender.address.insert(sender.address.starts_with('<'), hosts);
  }
  return sender;
}

std::optional<std::string> find_sender(std::span<const Field> fields, SenderChoice choice) {
  std::string best;
  int best_value = -1;
  for (const Field& field : fields) {
    const int rank = rank_of(field, choice);
    if (rank == 0) continue;
    const EnvelopeSender sender =
        field.is_from_line() ? envelope_sender(field) : EnvelopeSender{address_in(field.content()), ""};
    const std::string& address = sender.address;
    if (address.empty()) {
      // A bounce says so: nobody else is to hear of it.
      const bool says_nothing = field.content().find_first_not_of(" \t\n") == std::string_view::npos;
      if (says_nothing || !equal_ignoring_case(field.name(), kReturnPath)) continue;
      return "<>";
    }
    const int value = static_cast<int>(worth_of(address + sender.path)) * kRankSpan + rank;
    if (value <= best_value) continue;
    best_value = value;
    best = address;
  }
  if (best_value < 0) return std::nullopt;
  return best;
}

}  // namespace filter::compat
