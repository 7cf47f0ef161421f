#pragma once
#include <filesystem>
#include <vector>

#include "apps/evaluation.h"

namespace cotan {

/// Refuses what plot_errors could not do, before any work is done. \throw InputError for an extension other than .png
/// and .svg, or where there is no gnuplot
void require_plot(const std::filesystem::path& path);

/// Errors over steps by gnuplot, a logarithmic diagram for each field, a line for each predictor; steps after a blow-up
/// are left out. Written aside and renamed. \throw InputError naming the file where gnuplot fails
void plot_errors(const std::filesystem::path& path, const std::vector<FieldErrors>& fields);

}  // namespace cotan
