#include "core/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace cotan {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct DemoOptions {
  double dt = 0.01;
  float rate = 1e-3f;
  std::int64_t steps = 100;
  int width = 64;
  bool residual = true;
  std::string method = "rk4", note = "a \"quoted\" \\ note # not a comment";

  template <class V>
  void visit(V&& v) {
    v("dt", dt, "time step [s]", above(0.0));
    v("rate", rate, "learning rate", between(0, 1));
    v("steps", steps, "steps to take", at_least(1));
    v("width", width, "numbers a node", between(1, 4096));
    v("residual", residual, "adds the input");
    v("method", method, "integrator", OneOf{{"euler", "rk4"}});
    v("note", note, "for the reader");
  }
};

DemoOptions read(const std::string& text) {
  return read_options<DemoOptions>(Config::parse_text(text, "run.yaml"));
}

std::string message_of(const std::string& text) {
  try {
    read(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Options, AbsentKeysKeepTheirDefaults) {
  const DemoOptions options = read("steps: 7\nmethod: euler\n");
  EXPECT_EQ(options.steps, 7);
  EXPECT_EQ(options.method, "euler");
  EXPECT_EQ(options.dt, 0.01);
  EXPECT_TRUE(options.residual);
}

TEST(Options, MessagesNameLineKeyFoundAndAllowed) {
  EXPECT_THAT(
      message_of("dt: 0.1\nsetps: 3\n"),
      AllOf(HasSubstr("run.yaml:2: setps"), HasSubstr("did you mean 'steps'"), HasSubstr("dt, rate, steps, width")));
  EXPECT_THAT(message_of("dt: 0\n"),
              AllOf(HasSubstr("run.yaml:1: dt: 0 is out of range"), HasSubstr("time step [s]"), HasSubstr("above 0")));
  EXPECT_THAT(message_of("width: 5000\n"), AllOf(HasSubstr("at least 1, at most 4096"), HasSubstr("5000")));
  EXPECT_THAT(message_of("width: 4294967297\n"), HasSubstr("4294967297 is out of range")) << "no wrap to 1";
  EXPECT_THAT(message_of("width: 2.5\n"), HasSubstr("expected a whole number, found '2.5'"));
  EXPECT_THAT(message_of("rate: 1e60\n"), HasSubstr("out of range"));
  EXPECT_THAT(message_of("residual: maybe\n"), HasSubstr("expected true or false, found 'maybe'"));
  EXPECT_THAT(message_of("method: rk5\n"),
              AllOf(HasSubstr("run.yaml:1: method"), HasSubstr("did you mean 'rk4'"), HasSubstr("euler, rk4")));
  EXPECT_THAT(message_of("[1]"), HasSubstr("expected a map of keys, found a list"));
}

TEST(Options, TheEchoReadsBackEqual) {
  DemoOptions options;
  options.dt = 1.0 / 3;
  options.rate = 0.1f;
  options.residual = false;
  const DemoOptions again = read(echo_options(options));
  EXPECT_EQ(again.dt, options.dt);
  EXPECT_EQ(again.rate, options.rate);
  EXPECT_EQ(again.residual, options.residual);
  EXPECT_EQ(again.note, options.note);
  EXPECT_EQ(echo_options(again), echo_options(options));
}

TEST(Options, HelpSaysDefaultMeaningAndRange) {
  const std::string help = describe_options<DemoOptions>();
  EXPECT_THAT(help, HasSubstr("dt: 0.01  # time step [s]; above 0\n"));
  EXPECT_THAT(help, HasSubstr("method: rk4  # integrator; euler | rk4\n"));
  EXPECT_THAT(help, HasSubstr("residual: true  # adds the input\n"));
  EXPECT_EQ(read(help).note, DemoOptions().note) << "help is YAML too";
}

}  // namespace
}  // namespace cotan
