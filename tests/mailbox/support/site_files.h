// A directory of a test's own, with the files that a site has; gone when the test ends.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace mailbox::site {

class SiteFiles {
 public:
  SiteFiles() {
    std::string name = (std::filesystem::temp_directory_path() / "site_test.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory_ = name;
  }
  ~SiteFiles() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  SiteFiles(const SiteFiles&) = delete;
  SiteFiles& operator=(const SiteFiles&) = delete;

  std::string path(std::string_view name) const { return directory_ + "/" + std::string(name); }
  std::string write(std::string_view name, std::string_view text) const {
    std::ofstream file(path(name), std::ios::binary);
    file << text;
    REQUIRE(file.flush().good());
    return path(name);
  }

 private:
  std::string directory_;
};

}  // namespace mailbox::site
