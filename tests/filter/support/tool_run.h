// Runs a tool as a shell would: in a process of its own, with its output and its exit code to look at.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "scratch.h"

class ToolRun {
 public:
  struct Ran {
    int exit_code = -1;
    std::string out;
    std::string errors;
  };
  using Variables = std::vector<std::pair<std::string, std::string>>;

  // Output is caught in files of `scratch`; the tool's HOME is there too.
  explicit ToolRun(const Scratch& scratch) : scratch_(scratch) {}

  Ran operator()(int (*tool)(std::span<const std::string>), const std::vector<std::string>& words,
                 const Variables& variables = {}, const std::string& input = "/dev/null") const {
    std::fflush(nullptr);  // else the child writes again what waits here
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      bool ready = std::freopen(input.c_str(), "r", stdin) != nullptr &&
                   std::freopen((scratch_ / "out").c_str(), "w", stdout) != nullptr &&
                   std::freopen((scratch_ / "errors").c_str(), "w", stderr) != nullptr &&
                   ::setenv("HOME", scratch_.path().c_str(), 1) == 0 && ::setenv("LOGNAME", "anna", 1) == 0;
      for (const auto& [name, value] : variables) ready = ready && ::setenv(name.c_str(), value.c_str(), 1) == 0;
      const int code = ready ? tool(words) : 99;
      std::fflush(nullptr);
      ::_exit(code);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, scratch_.read("out"), scratch_.read("errors")};
  }

 private:
  const Scratch& scratch_;
};
