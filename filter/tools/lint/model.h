// A rule file laid out for the checks: its steps in order, its recipes and conditions with what surrounds them.
// SPDX-License-Identifier: Apache-2.0
//
//   Model model = lay_out(source, script, {});   // views into both, which must outlive it
//   for (const RecipeView& recipe : model.recipes) …
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "filter/tools/known_values.h"
#include "rules/ast.h"
#include "rules/diagnostic.h"
#include "rules/head.h"

namespace filter::tools::lint {

// What a folder's name tells about its kind. Unknown: it depends on a message, or on what is on the disk.
enum class FolderKind { Mbox, Maildir, Mh, Directory, Device, Output, Unknown };

// What the checks may know of where the rules run.
struct World {
  std::string home;                                           // empty: unknown
  std::function<bool(const std::string& path)> is_directory;  // empty: nobody looks
};

struct RecipeView {
  const rules::Recipe* recipe = nullptr;
  rules::Position where;
  rules::Head head;
  bool head_is_known = false;
  bool in_copy = false;                     // within a block with flag c: the message itself goes on elsewhere
  bool under_lock = false;                  // LOCKFILE is held
  FolderKind folder = FolderKind::Unknown;  // of a folder action
};

struct ConditionView {
  const rules::TreeCondition* tree = nullptr;
  std::size_t recipe = 0;                  // index in Model::recipes
  std::optional<rules::Condition> regexp;  // what is searched for; of a `$` condition with kHole for each hole
};

struct AssignmentView {
  const rules::Assignment* assignment = nullptr;
  rules::Position where;
};

// One thing after the other as the file has them, blocks included.
struct Step {
  enum class Kind { Assignment, Recipe };
  Kind kind = Kind::Assignment;
  std::size_t index = 0;  // in Model::assignments or Model::recipes
};

struct Model {
  const rules::Source* source = nullptr;
  std::vector<RecipeView> recipes;
  std::vector<ConditionView> conditions;
  std::vector<AssignmentView> assignments;
  std::vector<Step> steps;
  std::vector<const std::vector<rules::Statement>*> levels;  // the file's own statements, then each block's
};

Model lay_out(const rules::Source& source, const rules::Script& script, const World& world);

// Where `text` stands in the file, looked for from `where` on, in that line and those it is joined to; else `where`.
rules::Position place_of(const rules::Source& source, rules::Position where, std::string_view text);

}  // namespace filter::tools::lint
