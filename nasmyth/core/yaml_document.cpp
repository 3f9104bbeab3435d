#include "nasmyth/core/yaml_document.h"

#include <yaml-cpp/eventhandler.h>

#include <sstream>

namespace nasmyth {
namespace {

// Where the document begins; the rest is let pass.
class Begin : public YAML::EventHandler {
 public:
  YAML::Mark mark;

  void OnDocumentStart(const YAML::Mark& at) override { mark = at; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

}  // namespace

YamlDocument load_yaml(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Begin first, second;
  YamlDocument result;
  if (!parser.HandleNextDocument(first)) return result;
  if (parser.HandleNextDocument(second)) {
    if (first.mark.pos == second.mark.pos)
      throw YAML::ParserException(second.mark, "nothing can begin like this");
    result.second = second.mark;
  }
  result.root = YAML::Load(text);
  return result;
}

}  // namespace nasmyth
