#include "apps/error_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "core/check.h"
#include "core/files.h"

namespace cotan {
namespace {

namespace fs = std::filesystem;

// A text of gnuplot's in single quotes, as it stands: a quote is doubled.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "''" : std::string(1, c == '\n' ? ' ' : c);
  return out + "'";
}

std::string data_block(std::size_t number, const FieldErrors& field) {
  std::string text = fmt::format("$field{} << END\n", number);
  for (std::size_t k = 0; k < field.rows.front().curve.size(); ++k) {
    text += std::to_string(k + 1);
    for (const auto& row : field.rows) {
      const bool shown = k < row.curve.size() && std::isfinite(row.curve[k]) && row.curve[k] > 0;
      text += shown ? fmt::format(" {:.9g}", row.curve[k]) : " NaN";
    }
    text += '\n';
  }
  return text + "END\n";
}

std::string diagram(std::size_t number, const FieldErrors& field) {
  const std::string unit = field.spec.unit.empty() ? "" : " [" + field.spec.unit + "]";
  std::string text = fmt::format("set title {}\nplot ", quoted(field.spec.name + unit));
  for (std::size_t row = 0; row < field.rows.size(); ++row) {
    text += fmt::format("{}$field{} using 1:{} with lines linewidth {} title {}", row ? ", " : "", number, row + 2,
                        row ? 1.5 : 3, quoted(field.rows[row].predictor));
  }
  return text + '\n';
}

std::string script(const fs::path& output, const std::string& extension, const std::vector<FieldErrors>& fields) {
  const std::size_t height = 380 * fields.size();
  std::string text = extension == ".svg"
                         ? fmt::format("set terminal svg size 760,{} noenhanced background 'white'\n", height)
                         : fmt::format("set terminal pngcairo size 760,{} noenhanced\n", height);
  text += "set output " + quoted(output.string()) + "\n";
  for (std::size_t i = 0; i < fields.size(); ++i) text += data_block(i, fields[i]);
  text += fmt::format(
      "set multiplot layout {},1\nset logscale y\nset format y '%.0e'\nset grid\nset key outside right\n"
      "set xlabel 'step'\nset ylabel 'RMSE on free points'\n",
      fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) text += diagram(i, fields[i]);
  return text + "unset multiplot\n";
}

}  // namespace

void require_plot(const fs::path& path) {
  const std::string extension = lower_extension(path);
  COTAN_REQUIRE(extension == ".png" || extension == ".svg", path.string() << ": a plot is written as .png or .svg");
  COTAN_REQUIRE(std::system("gnuplot --version >/dev/null 2>&1") == 0,
                path.string() << ": plots are drawn by gnuplot, which is not there (Debian's package gnuplot-nox)");
}

void plot_errors(const fs::path& path, const std::vector<FieldErrors>& fields) {
  StagedFile staged(path);
  const std::string text = script(staged.path(), lower_extension(path), fields);
  FILE* gnuplot = popen("gnuplot", "w");  // no word of it is the user's
  COTAN_REQUIRE(gnuplot, path.string() << ": gnuplot does not start");
  const bool taken = std::fwrite(text.data(), 1, text.size(), gnuplot) == text.size();
  const bool done = pclose(gnuplot) == 0 && taken && fs::exists(staged.path()) && fs::file_size(staged.path()) > 0;
  COTAN_REQUIRE(done, path.string() << ": gnuplot could not draw it");
  staged.commit();
}

}  // namespace cotan
