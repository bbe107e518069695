// From the tree to a program; and the whole way from rc text to a program.
// SPDX-License-Identifier: Apache-2.0
//
//   Compiled compiled = compile(Source("rc", text));
//   for (const Diagnostic& d : compiled.diagnostics) fputs(render(source, d).c_str(), stdout);
//   run(*compiled.program, …);          // what procmail would do with it, errors or not
#pragma once

#include <memory>
#include <vector>

#include "rules/diagnostic.h"
#include "rules/program.h"

namespace rules {

struct Compiled {
  std::shared_ptr<const Program> program;
  std::vector<Diagnostic> diagnostics;   // in the file's order
};

// Always a program: where the text is wrong, it does and says what procmail would.
Compiled compile(const Source& source);
// The same for one message: simple recipes are compiled when it comes to it (simple_recipe.h). Diagnostics are wanting.
std::shared_ptr<const Program> compile_lazily(const Source& source);

}  // namespace rules
