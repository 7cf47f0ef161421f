#include "io/json.h"

#include <set>
#include <vector>

#include "core/check.h"

namespace cotan {

nlohmann::json parse_json(std::string_view text, const std::string& source, const std::string& what, int levels) {
  using Json = nlohmann::json;
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    COTAN_REQUIRE(depth < levels, source << ": " << what << " nested deeper than " << levels << " levels");
    if (event == Json::parse_event_t::object_start) {
      keys.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      keys.pop_back();
    } else if (event == Json::parse_event_t::key) {
      const auto& key = value.get_ref<const std::string&>();
      COTAN_REQUIRE(keys.back().insert(key).second, source << ": key '" << key << "' stands twice in the " << what);
    }
    return true;
  };
  try {
    return Json::parse(text, watch);
  } catch (const Json::exception& error) {
    throw InputError(source + ": the " + what + " is no JSON: " + std::string(error.what()).substr(0, 200));
  }
}

std::string shown(const nlohmann::json& value) {
  const std::string text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  return text.size() <= 80 ? text : text.substr(0, 80) + " …";
}

}  // namespace cotan
