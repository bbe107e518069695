// Edits one header, field by field and then at its end.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/formail_edit.h"

#include <algorithm>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "filter/compat/formail_sender.h"

namespace filter::compat {
namespace {

constexpr std::string_view kNobody = "foo@bar";
constexpr std::string_view kLoopName = "X-Loop:";

const FieldWord* find_word(std::span<const FieldWord> words, const Field& field) {
  const auto found = std::ranges::find_if(words, [&](const FieldWord& word) { return field.matches(word.name()); });
  return found == words.end() ? nullptr : &*found;
}

Field field_of(const FieldWord& word) { return {word.text + "\n", word.name_length}; }

class HeaderEditor {
 public:
  HeaderEditor(const FormailOptions& options, const EditClock& clock) : options_(options), clock_(clock) {}
  EditedHeader edit(std::vector<Field> fields);

 private:
  void change(std::vector<Field>& fields, bool insert);
  bool change_name(Field& field, bool insert) const;
  void make_unique(std::vector<Field>& fields);
  void make_reply(std::vector<Field>& fields, const std::string& sender) const;
  bool is_kept(const Field& field) const;
  void add_from_line(std::vector<Field>& fields, const std::string& sender) const;
  void append(std::vector<Field>& fields) const;
  bool wants_from_line(const std::vector<Field>& fields) const;

  const FormailOptions& options_;
  const EditClock& clock_;
  std::unordered_set<std::string> seen_;  // names -u has seen, in small letters
};

// False: the field goes. -i comes before -I, and that before -R; of the same option, what was given first. While
// `insert` is not set, -i and an -I that adds something have to wait.
bool HeaderEditor::change_name(Field& field, bool insert) const {
  if (const FieldWord* word = find_word(options_.insert, field); word != nullptr && insert) {
    if (!options_.reply || word->has_content()) {
      field.rename(0, "Old-");
      return true;
    }
  }
  if (const FieldWord* word = find_word(options_.replace, field)) return !insert && word->has_content();
  for (const FieldRename& rename : options_.renames)
    if (field.matches(rename.from)) {
      const bool whole = rename.to.ends_with(':') || rename.to == kFromName;
      field.rename(whole ? field.name_length : rename.from.size(), rename.to);
      return true;
    }
  return true;
}

void HeaderEditor::make_unique(std::vector<Field>& fields) {
  if (options_.first_unique.empty() && options_.last_unique.empty()) return;
  std::vector<bool> gone(fields.size());
  std::unordered_map<std::string, std::size_t> lasts;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool first = find_word(options_.first_unique, fields[i]) != nullptr;
    const bool last = find_word(options_.last_unique, fields[i]) != nullptr;
    if (!first && !last) continue;
    const std::string name = lower_case(fields[i].name());
    if (first && !seen_.contains(name)) {
      seen_.insert(name);
    } else if (last) {
      const auto [before, is_new] = lasts.try_emplace(name, i);
      if (!is_new) gone[std::exchange(before->second, i)] = true;
    } else {
      gone[i] = true;
    }
  }
  std::size_t at = 0;
  std::erase_if(fields, [&](const Field&) { return gone[at++]; });
}

void HeaderEditor::change(std::vector<Field>& fields, bool insert) {
  std::erase_if(fields, [&](Field& field) { return !change_name(field, insert); });
  make_unique(fields);
  if (options_.join_lines)
    for (Field& field : fields) field.join_lines();
  if (!options_.tidy) return;
  for (Field& field : fields) field.space_content();
  std::erase_if(fields, [](const Field& field) { return field.is_empty(); });
}

// -i with a bare name, or with what begins a name, keeps the field in a reply; X-Loop: stays unasked.
bool HeaderEditor::is_kept(const Field& field) const {
  if (const FieldWord* word = find_word(options_.insert, field)) return !word->has_content();
  return equal_ignoring_case(field.name(), kLoopName);
}

// The content of the last such field that has any.
std::string last_content(const std::vector<Field>& fields, std::string_view name) {
  for (auto field = fields.rbegin(); field != fields.rend(); ++field)
    if (equal_ignoring_case(field->name(), name) && !field->content().empty()) return std::string(field->content());
  return "";
}

// With a blank in front.
std::string spaced(std::string content) {
  if (!content.empty() && content[0] != ' ' && content[0] != '\t') content.insert(0, 1, ' ');
  return content;
}

void HeaderEditor::make_reply(std::vector<Field>& fields, const std::string& sender) const {
  const std::string subject = last_content(fields, "Subject:");
  const std::string references = last_content(fields, "References:");
  const std::string id = last_content(fields, "Message-ID:");
  std::erase_if(fields, [this](const Field& field) { return !is_kept(field); });
  const auto add = [&fields](std::string_view name, const std::string& content) {
    fields.push_back({std::string(name) + content + "\n", name.size()});
  };
  add("To:", " " + sender);
  if (!subject.empty()) add("Subject:", " Re:" + spaced(subject));
  if (!references.empty() || !id.empty()) add("References:", spaced(references) + spaced(id));
  if (!id.empty()) add("In-Reply-To:", spaced(id));
}

bool HeaderEditor::wants_from_line(const std::vector<Field>& fields) const {
  const auto names_it = [](const FieldWord& word) { return kFromName.starts_with(word.name()); };
  const auto asks = [](const FieldWord& word) { return word.text == kFromName; };
  if (options_.reply || (!fields.empty() && fields[0].is_from_line())) return false;
  if (!options_.add_from_line) return false;
  if (std::ranges::any_of(options_.add_if_absent, asks)) return true;
  return std::ranges::none_of(options_.insert, names_it) && std::ranges::none_of(options_.replace, names_it) &&
         std::ranges::none_of(options_.renames,
                              [](const FieldRename& rename) { return kFromName.starts_with(rename.from); });
}

void HeaderEditor::add_from_line(std::vector<Field>& fields, const std::string& sender) const {
  const auto asks = [](const FieldWord& word) { return equal_ignoring_case(word.name(), "Date:"); };
  std::string date = " " + clock_.now;
  if (std::ranges::any_of(options_.add_if_absent, asks))
    if (std::string given = last_content(fields, "Date:"); !given.empty()) date = spaced(given);
  fields.insert(fields.begin(), {std::string(kFromName) + sender + " " + date + "\n", kFromName.size()});
}

bool is_id_name(std::string_view name) {
  return equal_ignoring_case(name, "Message-ID:") || equal_ignoring_case(name, "Resent-Message-ID:");
}

void HeaderEditor::append(std::vector<Field>& fields) const {
  const std::size_t edited = fields.size();
  const std::vector<FieldWord>* const lists[] = {&options_.add_if_absent, &options_.add, &options_.insert,
                                                 &options_.replace};
  for (const auto* list : lists)
    for (const FieldWord& word : *list) {
      const bool if_absent = list == lists[0];
      const auto same = [&](const Field& field) { return equal_ignoring_case(field.name(), word.name()); };
      if (if_absent && std::any_of(fields.begin(), fields.begin() + static_cast<std::ptrdiff_t>(edited), same))
        continue;
      if (word.has_content())
        fields.push_back(field_of(word));
      else if (if_absent && is_id_name(word.name()))
        fields.push_back({word.text + " " + clock_.unique_id + "\n", word.name_length});
      else if (if_absent && (word.text != kFromName || options_.reply || !options_.add_from_line))
        fields.push_back(field_of(word));
    }
}

// Without the blanks in front, up to a NUL.
std::string key_of(const std::string& id) {
  const std::string text = id.substr(0, id.find('\0'));
  return text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
}

EditedHeader HeaderEditor::edit(std::vector<Field> fields) {
  EditedHeader result;
  change(fields, !options_.reply);
  const auto is_length = [](const Field& field) { return equal_ignoring_case(field.name(), "Content-Length:"); };
  if (const auto length = std::ranges::find_if(fields, is_length); length != fields.end()) result.length = *length;
  const auto sender = find_sender(fields, {options_.reply && options_.trust_header, options_.resent_first});
  result.sender_found = sender.has_value();
  const std::string address = sender.value_or(std::string(kNobody));
  if (options_.reply)
    result.key = sender;
  else if (const std::string id = last_content(fields, "Message-ID:"); !id.empty())
    result.key = key_of(id);
  if (options_.reply) {
    make_reply(fields, address);
    change(fields, true);
  }
  result.from_line_added = wants_from_line(fields);
  if (result.from_line_added) add_from_line(fields, address);
  result.own = fields.size();
  append(fields);
  result.fields = std::move(fields);
  return result;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

}  // namespace

EditedHeader edit_header(std::vector<Field> fields, const FormailOptions& options, const EditClock& clock) {
  return HeaderEditor(options, clock).edit(std::move(fields));
}

bool is_printed(const Field& field, const FormailOptions& options) {
  return !options.extracts() || find_word(options.extract_whole, field) != nullptr ||
         find_word(options.extract, field) != nullptr;
}

std::string print_header(const std::vector<Field>& fields, const FormailOptions& options) {
  std::string out;
  for (const Field& field : fields) {
    if (!is_printed(field, options)) continue;
    if (find_word(options.extract, field) == nullptr) {
      out += field.text;
    } else {
      out += options.tidy ? trimmed(field.content()) : field.content();
      out += '\n';
    }
  }
  return out;
}

std::string log_lines(const EditedHeader& header) {
  constexpr std::size_t kSubjectWidth = 79;
  std::string out;
  const std::span fields = std::span(header.fields).first(header.own);
  if (!fields.empty() && fields[0].is_from_line()) out = fields[0].text;
  const auto is_subject = [](const Field& field) { return equal_ignoring_case(field.name(), "Subject:"); };
  const auto subject = std::ranges::find_if(fields, is_subject);
  if (subject == fields.end()) return out;
  std::string line = " " + subject->text.substr(0, subject->text.size() - 1);
  std::ranges::replace_if(line, [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return out + line.substr(0, kSubjectWidth) + "\n";
}

std::string folder_line(std::string_view folder, unsigned long long size) {
  constexpr std::size_t kNameWidth = 61;
  constexpr std::size_t kSizeColumn = 72;
  constexpr std::size_t kTab = 8;
  constexpr std::size_t kSizeWidth = 7;
  std::string line = "  Folder: " + std::string(folder);
  std::ranges::replace(line, '\t', ' ');
  line.resize(std::min(line.size(), 10 + kNameWidth));
  std::size_t column = line.size() / kTab * kTab;
  do line += '\t';
  while ((column += kTab) < kSizeColumn);
  const std::string digits = std::to_string(size);
  if (digits.size() < kSizeWidth) line.append(kSizeWidth - digits.size(), ' ');
  return line + digits + "\n";
}

}  // namespace filter::compat
