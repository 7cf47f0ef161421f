#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace cotan {

/// A JSON text. \param what the text is called in messages ("header"). \throw InputError beginning with `source`: no
/// JSON, nested deeper than `levels`, keys that stand twice (of which the parser would keep one in silence)
nlohmann::json parse_json(std::string_view text, const std::string& source, const std::string& what, int levels);

/// A value as a message shows it: short, and UTF-8 whatever the file holds.
std::string shown(const nlohmann::json& value);

}  // namespace cotan
