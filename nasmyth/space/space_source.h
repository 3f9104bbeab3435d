#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "nasmyth/space/search_space.h"

namespace nasmyth {

/// True for what names a space file: `file:PATH`, or a path that ends in .yaml or .yml.
bool is_space_file(std::string_view name);

/// The path of a space file.
std::string space_file_path(std::string_view name);

/// A short name of a space for directories and tables: the registered name, or the file's name
/// without folder and ending.
std::string space_label(std::string_view name);

/// The content of a space file. Throws kIo; kInvalidArgument where `hash` (of content_hash; empty:
/// any) is that of another content, which `where` recorded.
std::string read_space_file(std::string_view name, std::string_view hash, std::string_view where);

/// A registered space, or the one of a space file, whose parameters `options` are; its option
/// `hash` guards against another content. Unknown names and options are errors with a suggestion at
/// `where`.
std::unique_ptr<SearchSpace> open_space(std::string_view name, const OptionMap& options,
                                        std::string_view where);

}  // namespace nasmyth
