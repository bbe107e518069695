// Reads formail's options: clustered letters, values behind the letter or in the next word.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/formail_options.h"

#include <cerrno>
#include <cstdlib>

#include "filter/compat/formail_field.h"

namespace filter::compat {
namespace {

constexpr std::string_view kUsage =
    "Usage: formail [-vbczfrktqY] [-D nnn idcache] [-p prefix] [-l folder]\n"
    "\t[-xXaAiIuU field] [-R ofield nfield]\n"
    "   Or: formail [+nnn] [-nnn] [-bczfrktedqBY] [-D nnn idcache] [-p prefix]\n"
    "\t[-n [nnn]] [-m nnn] [-l folder] [-xXaAiIuU field] [-R ofield nfield]\n"
    "\t-s [prg [arg ...]]\n";

constexpr std::string_view kHelp =
    " -v\t\tsay which version this is\n"
    " -b\t\tleave bogus \"From \" lines as they are\n"
    " -Y\t\tBerkeley mailboxes: do not look at Content-Length:\n"
    " -c\t\tmake each field of the header one line\n"
    " -z\t\ta blank after each name, no empty fields, no blanks around what -x prints\n"
    " -f\t\tadd no \"From \" line\n"
    " -r\t\twrite the header of a reply; -i keeps fields\n"
    " -k\t\tkeep the body in a reply (quoted, but for -b) or after -x and -X\n"
    " -t\t\treply to the sender that the header names, not to the envelope's\n"
    " -l folder\tprint an entry for a log as procmail writes it\n"
    " -D nnn idcache\tfind duplicates with a cache of nnn bytes\n"
    " -s prg arg\tsplit the mail, start prg for every message\n"
    " +nnn\t\tskip the first nnn\t-nnn\toutput at most nnn messages\n"
    " -n [nnn]\tdo not wait for each program\t-e\tmessages may begin on any line\n"
    " -d\t\tdigests, articles\t-B\ta BABYL rmail file\n"
    " -q\t\tbe quiet\t\t-p prefix\twhat quotes a line\n"
    " -m nnn\t\thow many fields make a header (2)\n"
    " -x field\tprint the content\t-X field\tprint the field\n"
    " -a field\tadd if there is none\t-A field\tadd\n"
    " -i field\tadd; the old is Old-\t-I field\tadd; the old goes\n"
    " -u field\tkeep the first only\t-U field\tkeep the last only\n"
    " -R oldfield newfield\trename\n";

constexpr std::string_view kVersion =
    "formail v3.23pre 2001/09/13 (Sluice " SLUICE_VERSION ", which does what this version did)\n";

FormailUsage usage() { return {std::string(kUsage)}; }

class OptionReader {
 public:
  explicit OptionReader(std::span<const std::string> words) : words_(words) {}

  std::expected<FormailOptions, FormailUsage> read() {
    while (at_ < words_.size() && !options_.split) {
      const std::string& word = words_[at_++];
      if (!read_word(word)) return std::unexpected(std::move(trouble_));
    }
    if (options_.split) options_.program.assign(words_.begin() + static_cast<std::ptrdiff_t>(at_), words_.end());
    if (options_.resent_first && !options_.trust_header) {
      refuse_name("Resent-");
      return std::unexpected(std::move(trouble_));
    }
    if (!makes_sense()) return std::unexpected(usage());
    return std::move(options_);
  }

 private:
  bool refuse(FormailUsage trouble) {
    trouble_ = std::move(trouble);
    return false;
  }
  bool refuse_name(std::string_view name) {
    return refuse({"formail: Invalid field-name: \"" + std::string(name) + "\"\n" + usage().text});
  }

  bool read_word(const std::string& word);
  bool read_letter(const std::string& word, std::size_t& i);
  bool read_flag(const std::string& word, std::size_t i);
  bool read_field(char letter, const std::string& word, std::size_t& i);
  bool read_rename(const std::string& word, std::size_t& i);
  bool read_cache(const std::string& word, std::size_t& i);
  bool read_parallel(const std::string& word, std::size_t& i);
  bool read_min_fields(const std::string& word, std::size_t& i);
  bool read_text(std::string& target, const std::string& word, std::size_t& i);
  std::vector<FieldWord>& list_of(char letter);
  bool makes_sense() const;

  // The rest of the word, or the next word; nothing if there is none.
  std::optional<std::string> value(const std::string& word, std::size_t& i) {
    std::string rest = word.substr(i);
    i = word.size();
    if (!rest.empty()) return rest;
    if (at_ == words_.size()) return std::nullopt;
    return words_[at_++];
  }
  // A number at `i`, which moves behind it; with `sign` it may be negative.
  static std::optional<long> number(const std::string& word, std::size_t& i) {
    const char* const begin = word.c_str() + i;
    char* end = nullptr;
    const long found = std::strtol(begin, &end, 10);
    if (end == begin) return std::nullopt;
    i += static_cast<std::size_t>(end - begin);
    return found;
  }

  std::span<const std::string> words_;
  std::size_t at_ = 0;
  bool counted_ = false;  // -m with a number that is not 0
  FormailOptions options_;
  FormailUsage trouble_;
};

bool OptionReader::read_word(const std::string& word) {
  if (word.empty() || (word[0] != '-' && word[0] != '+')) return refuse(usage());
  std::size_t i = 1;
  if (i < word.size() && word[i] >= '0' && word[i] <= '9') {
    const long count = *number(word, i);
    (word[0] == '+' ? options_.skip : options_.total.emplace()) = count;
  } else if (word[0] == '+') {
    return refuse(usage());
  }
  while (i < word.size() && !options_.split)
    if (!read_letter(word, i)) return false;
  return true;
}

bool OptionReader::read_letter(const std::string& word, std::size_t& i) {
  const char letter = word[i++];
  switch (letter) {
    case 'v':
      return refuse({std::string(kVersion)});
    case 'h':
    case '?':
      return refuse({std::string(kUsage) + std::string(kHelp)});
    case 'p':
      return read_text(options_.prefix, word, i);
    case 'l':
      return read_text(options_.log_folder.emplace(), word, i);
    case 'D':
      return read_cache(word, i);
    case 'n':
      return read_parallel(word, i);
    case 'm':
      return read_min_fields(word, i);
    case 'R':
      return read_rename(word, i);
    case 'a':
    case 'A':
    case 'i':
    case 'I':
    case 'u':
    case 'U':
    case 'x':
    case 'X':
      return read_field(letter, word, i);
    case 's':
      if (i < word.size()) return refuse(usage());
      options_.split = true;
      return true;
    case 'q':
      options_.quiet = i == word.size() || word[i] != '-';
      if (!options_.quiet) ++i;
      return true;
    default:
      return read_flag(word, i - 1);
  }
}

bool OptionReader::read_flag(const std::string& word, std::size_t i) {
  switch (word[i]) {
    case 'b':
      options_.escape = false;
      return true;
    case 'Y':
      options_.content_length = false;
      return true;
    case 'c':
      options_.join_lines = true;
      return true;
    case 'z':
      options_.tidy = true;
      return true;
    case 'f':
      options_.add_from_line = false;
      return true;
    case 'r':
      options_.reply = true;
      return true;
    case 'k':
      options_.keep_body = true;
      return true;
    case 't':
      options_.trust_header = true;
      return true;
    case 'e':
      options_.any_line = true;
      return true;
    case 'd':
      options_.digest = true;
      return true;
    case 'B':
      options_.babyl = true;
      return true;
    default:
      return refuse(usage());
  }
}

bool OptionReader::read_text(std::string& target, const std::string& word, std::size_t& i) {
  const auto text = value(word, i);
  if (!text) return refuse(usage());
  target = *text;
  return true;
}

bool OptionReader::read_cache(const std::string& word, std::size_t& i) {
  if (i == word.size()) {
    if (at_ == words_.size()) return refuse(usage());
    std::size_t j = 0;
    const std::string& next = words_[at_++];
    const auto length = number(next, j);
    if (!length || *length < 0 || j < next.size()) return refuse(usage());
    options_.cache.emplace().length = *length;
  } else {
    const auto length = number(word, i);
    if (!length || *length < 0) return refuse(usage());
    options_.cache.emplace().length = *length;
  }
  return read_text(options_.cache->file, word, i);
}

bool OptionReader::read_parallel(const std::string& word, std::size_t& i) {
  options_.parallel = 0;
  if (i < word.size()) {
    if (const auto most = number(word, i)) options_.parallel = *most;
    return true;
  }
  if (at_ == words_.size()) return true;
  std::size_t j = 0;
  const std::string& next = words_[at_++];
  const auto most = number(next, j);
  if (!most || j < next.size()) return refuse(usage());
  options_.parallel = *most;
  return true;
}

bool OptionReader::read_min_fields(const std::string& word, std::size_t& i) {
  std::optional<long> fields;
  if (i < word.size()) {
    fields = number(word, i);
  } else if (at_ < words_.size()) {
    std::size_t j = 0;
    const std::string& next = words_[at_++];
    fields = number(next, j);
    if (j < next.size()) fields.reset();
  }
  if (!fields || *fields < 0) return refuse(usage());
  options_.min_fields = *fields == 0 ? 2 : static_cast<std::size_t>(*fields);
  counted_ = *fields != 0;
  return true;
}

std::vector<FieldWord>& OptionReader::list_of(char letter) {
  switch (letter) {
    case 'a':
      return options_.add_if_absent;
    case 'A':
      return options_.add;
    case 'i':
      return options_.insert;
    case 'I':
      return options_.replace;
    case 'u':
      return options_.first_unique;
    case 'U':
      return options_.last_unique;
    case 'x':
      return options_.extract;
    default:
      return options_.extract_whole;
  }
}

// A word that may be the beginning of a name: no control characters, and blanks at its end only.
bool is_partial_name(std::string_view text) {
  const NameSpan span = find_name(std::string(text) + ":", false);
  return text.empty() || span.whole == text.size() + 1;
}

bool OptionReader::read_field(char letter, const std::string& word, std::size_t& i) {
  const auto text = value(word, i);
  if (!text) return refuse(usage());
  FieldWord field{*text, find_name(*text, true).whole};
  const bool adds = letter == 'a' || letter == 'A';
  if (letter == 'a' && *text == "Resent-") {
    options_.resent_first = true;
    return true;
  }
  if (field.name_length == 0) {
    if (adds || !is_partial_name(*text)) return refuse_name(*text);
    field.name_length = text->size();
  }
  list_of(letter).push_back(std::move(field));
  return true;
}

bool OptionReader::read_rename(const std::string& word, std::size_t& i) {
  const auto from = value(word, i);
  if (!from) return refuse(usage());
  const std::size_t whole = find_name(*from, true).whole;
  if (whole == 0 && !is_partial_name(*from)) return refuse_name(*from);
  if (whole != 0 && whole < from->size()) return refuse_name(from->substr(whole + ((*from)[whole] == ' ')) + "\n");
  if (at_ == words_.size()) return refuse_name("");
  const std::string& to = words_[at_++];
  const std::size_t to_whole = find_name(to, true).whole;
  if (to_whole == 0 && (whole != 0 || !is_partial_name(to))) return refuse_name(to);
  options_.renames.push_back({*from, to_whole == 0 ? to : to.substr(0, to_whole)});
  return true;
}

bool OptionReader::makes_sense() const {
  // -m 0 and +0 are as if they were not there.
  const bool splits_only = options_.any_line || options_.digest || options_.babyl || options_.parallel || options_.total ||
                           options_.skip != 0 || counted_;
  if (splits_only && !options_.split) return false;
  if (options_.keep_body && !options_.reply && !options_.extracts()) return false;
  return !options_.log_folder || !options_.extracts();
}

}  // namespace

std::expected<FormailOptions, FormailUsage> read_formail_options(std::span<const std::string> words) {
  return OptionReader(words).read();
}

}  // namespace filter::compat
