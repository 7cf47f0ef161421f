#include "integrators/rate.h"

namespace cotan {

Rate wrapped(Rate rate, const std::function<Rhs(Rhs)>& wrap) {
  const auto change = [&](Rhs& f) {
    if (f) f = wrap(std::move(f));
  };
  change(rate.whole.f);
  if (rate.stiff) change(rate.stiff->f);
  change(rate.mild);
  change(rate.noise);
  if (rate.conjugate) {
    change(rate.conjugate->drift);
    change(rate.conjugate->kick);
  }
  return rate;
}

Rate counted(Rate rate, std::shared_ptr<std::int64_t> evaluations) {
  return wrapped(std::move(rate), [&](Rhs f) -> Rhs {
    return [f = std::move(f), evaluations](double t, const State& u) { return ++*evaluations, f(t, u); };
  });
}

}  // namespace cotan
