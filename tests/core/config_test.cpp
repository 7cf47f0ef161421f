#include "core/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "core/check.h"
#include "core/files.h"

namespace cotan {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kCase = R"yaml(# a case
mesh: channel.msh
parameters: {viscosity: 1.0e-3}
time:
  step: 0.0025
  every: 8
boundary:
  inlet: {role: inflow, velocity: ["4*y*(1-y)", "0"]}
  walls:
    role: wall
output:
)yaml";

Config parsed(std::string_view text) {
  return Config::parse_text(text, "case.yaml");
}

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

std::string parse_message(std::string_view text) {
  return message_of([&] { parsed(text); });
}

TEST(Config, ReadsTheTree) {
  const Config config = parsed(kCase);
  EXPECT_EQ(config.at("mesh").text(), "channel.msh");
  EXPECT_EQ(config["parameters"]["viscosity"].number(), 1e-3);
  EXPECT_EQ(config["time"]["every"].integer(), 8);
  const auto& boundary = config["boundary"].entries();
  ASSERT_EQ(boundary.size(), 2);
  EXPECT_EQ(boundary[0].first, "inlet");
  EXPECT_EQ(boundary[1].first, "walls") << "in the order of the file";
  EXPECT_EQ(boundary[0].second["velocity"].items()[0].text(), "4*y*(1-y)");
  EXPECT_EQ(config["output"].kind(), Config::Kind::null);
  EXPECT_TRUE(config.has("output"));
  EXPECT_TRUE(config["output"].entries().empty() && config["output"].items().empty());
  EXPECT_FALSE(config.has("outputs") || config["mesh"].has("x"));
}

// for (const auto& entry : config["absent"].entries()): the node is gone before the loop begins.
TEST(Config, EntriesOfAbsentKeysOutliveTheirNode) {
  const Config config = parsed(kCase), one = config["absent"], other = config["absent too"];
  EXPECT_EQ(&one.entries(), &other.entries());
  EXPECT_EQ(&one.items(), &other.items());
  for (const auto& entry : config["absent"].entries()) ADD_FAILURE() << entry.first;
  for (const auto& item : config["absent"].items()) ADD_FAILURE() << item.where();
}

// A byte order mark moves no position, and quotes inside quotes end nothing.
TEST(Config, ReadsQuotesWhateverStandsBeforeThem) {
  const Config config = parsed(
      "\xEF\xBB\xBF"
      "a: \"x\"\nb: 'it''s'\nc: ''''\nd: &q \"y\"\ne: *q\nf: '\\'\n");
  EXPECT_EQ(config["a"].text(), "x");
  EXPECT_EQ(config["b"].text(), "it's");
  EXPECT_EQ(config["c"].text(), "'");
  EXPECT_EQ(config["e"].text(), "y");
  EXPECT_EQ(config["f"].text(), "\\");
  const std::string mark = "\xEF\xBB\xBF";
  EXPECT_EQ(parsed(mark + "a: \"x\" \nb: 1\n")["a"].text(), "x") << "a closing quote is not taken for an open one";
}

TEST(Config, EveryNodeKnowsWhereItStands) {
  const Config config = parsed(kCase);
  EXPECT_EQ(config.where(), "case.yaml");
  EXPECT_EQ(config["time"]["step"].where(), "case.yaml:5: time.step");
  EXPECT_EQ(config["boundary"]["inlet"]["velocity"].items()[1].where(), "case.yaml:8: boundary.inlet.velocity.1");
  EXPECT_EQ(config["output"].where(), "case.yaml:11: output");
  EXPECT_EQ(config["time"]["stop"].where(), "case.yaml:5: time.stop") << "absent: where its map begins";
}

TEST(Config, ReadsFilesAndRemembersTheirFolder) {
  const auto path = std::filesystem::path(testing::TempDir()) / ("cotan_case_" + std::to_string(getpid()) + ".yaml");
  write_file(path, kCase);
  const Config config = Config::parse_file(path);
  EXPECT_EQ(config["time"]["step"].file(), path);
  EXPECT_EQ(config["time"]["step"].where(), path.string() + ":5: time.step");
  std::filesystem::remove(path);
  EXPECT_THAT(message_of([&] { Config::parse_file(path); }),
              AllOf(HasSubstr(path.string()), HasSubstr("No such file")));
}

TEST(Config, LargeFilesAreRefusedBeforeTheyAreRead) {
  const auto path = std::filesystem::path(testing::TempDir()) / ("cotan_large_" + std::to_string(getpid()) + ".yaml");
  write_file(path, "a: 1\n");
  std::filesystem::resize_file(path, std::uintmax_t{1} << 36);  // sparse: takes no room on the disk
  EXPECT_THAT(message_of([&] { Config::parse_file(path); }), HasSubstr("a configuration has at most"));
  std::filesystem::remove(path);
}

TEST(Config, ScalarsAreTyped) {
  const Config c =
      parsed("{i: 42, big: 1e6, f: -2.5e-3, plus: +3, yes: true, word: ok, none: null, list: [1], q: \"7\"}");
  EXPECT_EQ(c["i"].integer(), 42);
  EXPECT_EQ(c["big"].integer(), 1000000);
  EXPECT_EQ(c["f"].number(), -2.5e-3);
  EXPECT_EQ(c["plus"].integer(), 3);
  EXPECT_TRUE(c["yes"].boolean());
  EXPECT_EQ(c["q"].integer(), 7);
  EXPECT_THAT(message_of([&] { c["f"].integer(); }),
              AllOf(HasSubstr("case.yaml:1: f"), HasSubstr("a whole number"), HasSubstr("'-2.5e-3'")));
  EXPECT_THAT(message_of([&] { c["word"].number(); }), AllOf(HasSubstr("a finite number"), HasSubstr("'ok'")));
  EXPECT_THAT(message_of([&] { c["i"].boolean(); }), AllOf(HasSubstr("true or false"), HasSubstr("'42'")));
  EXPECT_THAT(message_of([&] { c["none"].text(); }), AllOf(HasSubstr("a text"), HasSubstr("found nothing")));
  EXPECT_THAT(message_of([&] { c["list"].number(); }), HasSubstr("found a list"));
  EXPECT_THAT(message_of([&] { c["i"].items(); }), HasSubstr("expected a list, found a single value"));
  EXPECT_THAT(message_of([&] { c["list"].entries(); }), HasSubstr("expected a map of keys, found a list"));
  for (const char* text :
       {"x: .inf", "x: nan", "x: inf", "x: 1e999", "x: 1 2", "x: 0x10", "x: '1 '", "x: +-1", "x: ''"}) {
    EXPECT_THAT(message_of([&] { parsed(text)["x"].number(); }), HasSubstr("expected a finite number")) << text;
    EXPECT_THAT(message_of([&] { parsed(text)["x"].integer(); }), HasSubstr("expected a whole number")) << text;
  }
  EXPECT_THAT(message_of([&] { parsed("x: 9223372036854775808")["x"].integer(); }), HasSubstr("a whole number"));
}

TEST(Config, MissingAndUnknownKeysListWhatThereIs) {
  const Config config = parsed(kCase);
  EXPECT_THAT(message_of([&] { config.at("problem"); }),
              AllOf(HasSubstr("case.yaml: the key 'problem' is missing"), HasSubstr("mesh, parameters, time")));
  EXPECT_THAT(message_of([&] {
                config["time"].only_keys({"step", "end", "evry"});
              }),
              AllOf(HasSubstr("case.yaml:6: time.every"), HasSubstr("unknown key 'every'"),
                    HasSubstr("did you mean 'evry'"), HasSubstr("step, end, evry")));
  EXPECT_NO_THROW(config["time"].only_keys({"step", "every"}));
  EXPECT_NO_THROW(config["output"].only_keys({"format"}));
  EXPECT_THAT(message_of([&] { config["mesh"].only_keys({"gmsh"}); }), HasSubstr("expected a map"));
}

TEST(Config, DuplicateKeysAreRefusedWithBothLines) {
  EXPECT_THAT(parse_message("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n"),
              AllOf(HasSubstr("case.yaml:5"), HasSubstr("'b.c' stands twice"), HasSubstr("line 3")));
  EXPECT_THAT(parse_message("{a: 1, 'a': 2}"), HasSubstr("'a' stands twice, first on line 1"));
}

TEST(Config, BrokenYamlNamesTheLine) {
  EXPECT_THAT(parse_message("a: 1\nb: [1, 2\n"),
              AllOf(HasSubstr("case.yaml:"), HasSubstr("not YAML"), HasSubstr("column")));
  EXPECT_THAT(parse_message("a: 1\n\tb: 2\n"), HasSubstr("case.yaml:2"));
  EXPECT_THAT(parse_message("a:\n\t- 1\n"), HasSubstr("case.yaml:2"));
  EXPECT_THAT(parse_message("a: \"op\\\"en\nb: 1\n"), AllOf(HasSubstr("case.yaml:1"), HasSubstr("never closed")));
  EXPECT_THAT(parse_message("a: 'it''s\nb: 1\n"), AllOf(HasSubstr("case.yaml:1"), HasSubstr("never closed")));
  EXPECT_THAT(parse_message("a: &x \"open\nb: 1\n"), HasSubstr("never closed"));
  EXPECT_THAT(parse_message("\xEF\xBB\xBF"
                            "a: 1\nb: \"open\n"),
              AllOf(HasSubstr("case.yaml:2"), HasSubstr("never")));
  EXPECT_THAT(parse_message("a: *nowhere\n"), HasSubstr("case.yaml:1"));
  EXPECT_THAT(parse_message("a: 1\n--- \nb: 2\n"), HasSubstr("more than one document"));
  EXPECT_THAT(parse_message("a: !!python/object:os.system x\n"),
              AllOf(HasSubstr("case.yaml:1"), HasSubstr("tags are not read")));
  EXPECT_THAT(parse_message("? [1, 2]\n: 3\n"), HasSubstr("a key that is not a word"));
  EXPECT_THAT(parse_message("base: &b {x: 1}\nother:\n  <<: *b\n"),
              AllOf(HasSubstr("case.yaml:3"), HasSubstr("merge key")));
  EXPECT_THAT(parse_message(std::string_view("a: \0 1", 6)), HasSubstr("zero byte"));
}

TEST(Config, AliasesAreCopiesWithTheirOwnPlace) {
  const Config config = parsed("inlet: &wall\n  role: wall\nwalls: *wall\nmore: [*wall]\n");
  EXPECT_EQ(config["walls"]["role"].text(), "wall");
  EXPECT_EQ(config["walls"]["role"].key_path(), "walls.role");
  EXPECT_EQ(config["more"].items()[0]["role"].key_path(), "more.0.role");
}

TEST(Config, BombsAreBounded) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k ? ", " : "") + before;
    bomb += "]\n";
  }
  EXPECT_THAT(parse_message(bomb), AllOf(HasSubstr("case.yaml:"), HasSubstr("do aliases multiply?")));
  EXPECT_THAT(parse_message("a: &a [*a]"), HasSubstr("an alias inside the value"));
  EXPECT_THAT(parse_message(std::string(100, '[') + std::string(100, ']')), HasSubstr("deeper than 64"));
  std::string chain = "a0: &a0 [[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]\n";
  for (int i = 1; i < 10; ++i) {
    chain +=
        "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [[[[[[[[*a" + std::to_string(i - 1) + "]]]]]]]]\n";
  }
  EXPECT_THAT(parse_message(chain), HasSubstr("deeper than 64"));
  for (const char* opening : {"[", "{", "- ", "? ", "{a: ", "a: ", "&a ", "!"}) {
    std::string text;
    for (int i = 0; i < 20000; ++i) text += opening;
    EXPECT_NE(parse_message(text), "no error") << opening;
  }
}

TEST(Config, AnEmptyFileIsAnEmptyMap) {
  for (const char* text : {"", "# nothing\n", "---\n", "{}"}) {
    const Config config = parsed(text);
    EXPECT_EQ(config.kind(), Config::Kind::map) << text;
    EXPECT_THAT(message_of([&] { config.at("mesh"); }),
                HasSubstr("case.yaml: the key 'mesh' is missing; there are: nothing"));
  }
}

TEST(Config, WithPutsAValueOverTheFile) {
  const Config config = parsed(kCase);
  const Config changed =
      config.with("time.step", "0.5").with("train.model.width", "64").with("output", "{format: pvd}");
  EXPECT_EQ(changed["time"]["step"].number(), 0.5);
  EXPECT_EQ(changed["time"]["every"].integer(), 8);
  EXPECT_EQ(changed["train"]["model"]["width"].integer(), 64);
  EXPECT_EQ(changed["output"]["format"].text(), "pvd");
  EXPECT_EQ(config["time"]["step"].number(), 0.0025) << "a copy";
  EXPECT_EQ(changed["time"]["step"].where(), "--set: time.step");
  EXPECT_EQ(config.with("boundary.inlet.velocity.1", "x")["boundary"]["inlet"]["velocity"].items()[1].text(), "x");
  EXPECT_EQ(config.with("mesh", "")["mesh"].kind(), Config::Kind::null);
  EXPECT_EQ(Config().with("a.b", "1")["a"]["b"].integer(), 1);
}

TEST(Config, WithSaysWhatIsWrong) {
  const Config config = parsed(kCase);
  EXPECT_THAT(message_of([&] { config.with("mesh.size", "1"); }),
              AllOf(HasSubstr("--set mesh.size"), HasSubstr("case.yaml:2: mesh is a single value")));
  EXPECT_THAT(message_of([&] { config.with("time..step", "1"); }), HasSubstr("empty part"));
  EXPECT_THAT(message_of([&] { config.with("", "1"); }), HasSubstr("without a key"));
  EXPECT_THAT(message_of([&] { config.with("time.step", "{a: 1"); }),
              AllOf(HasSubstr("--set: "), HasSubstr("never closed")));
  EXPECT_THAT(message_of([&] { config.with("boundary.inlet.velocity.2", "x"); }), HasSubstr("an index below 2"));
  EXPECT_THAT(message_of([&] { config.with("time.step", "x")["time"]["step"].number(); }),
              HasSubstr("--set: time.step: expected a finite number"));
}

bool same(const Config& a, const Config& b) {
  if (a.kind() != b.kind() || a.key_path() != b.key_path()) return false;
  if (a.kind() == Config::Kind::scalar) return a.text() == b.text();
  if (a.kind() == Config::Kind::list) {
    bool equal = a.items().size() == b.items().size();
    for (std::size_t i = 0; equal && i < a.items().size(); ++i) equal = same(a.items()[i], b.items()[i]);
    return equal;
  }
  if (a.kind() == Config::Kind::null) return true;
  bool equal = a.entries().size() == b.entries().size();
  for (std::size_t i = 0; equal && i < a.entries().size(); ++i) {
    equal = a.entries()[i].first == b.entries()[i].first && same(a.entries()[i].second, b.entries()[i].second);
  }
  return equal;
}

TEST(Config, TheEchoReadsBackAsTheSameTree) {
  const char* texts[] = {
      kCase,
      "",
      "{}",
      "a: {b: {}, c: [], d: [[1, [2]], {e: 1}], f: null, g: 'null', h: \"~\", i: \"\"}",
      "a: \"line\\nbreak \\\"quote\\\" back\\\\slash \\t tab \\x07 bell # no comment\"\nb: ' spaces '\nc: 'é × ∂'\n",
      "a: |\n  two\n  lines\nb: >\n  folded\n  text\n\"key: odd\": '- x'\n'': 1\n'null': 2\n",
      "a: '-'\nb: '--- x'\nc: '...'\nd: '@x'\ne: '%x'\nf: '?'\ng: ':'\nh: 'a: b'\ni: 'a #b'\nj: '[x'\nk: '*a'\nl: "
      "'!t'\n",
  };
  for (const char* text : texts) {
    const Config config = parsed(text);
    const std::string echo = config.to_yaml();
    const Config again = parsed(echo);
    EXPECT_TRUE(same(config, again)) << echo;
    EXPECT_EQ(again.to_yaml(), echo) << text;
  }
}

}  // namespace
}  // namespace cotan
