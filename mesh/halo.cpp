#include "mesh/halo.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <vector>

#include "core/check.h"

namespace cotan {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Held by every node of the autograd graph that exchanges, so it lives as long as a backward pass may need it.
struct HaloExchange::State {
  HaloPlan plan;
  Comm comm;
  std::int64_t guests;
  std::vector<Tensor> send, receive;  // (n) int64 rows by peer
};

namespace {

template <class T>
struct Held : torch::CustomClassHolder {
  explicit Held(T v) : value(std::move(v)) {}
  T value;
};

// A C++ value among what an autograd node saves.
template <class T>
c10::IValue hold(T value) {
  return c10::IValue::make_capsule(c10::make_intrusive<Held<T>>(std::move(value)));
}
template <class T>
T held(const c10::IValue& capsule) {
  return c10::static_intrusive_pointer_cast<Held<T>>(capsule.toCapsule())->value;
}

Tensor rows(const std::vector<Index>& list) {
  return at::tensor(std::vector<std::int64_t>(list.begin(), list.end()), at::kLong);
}

std::span<std::byte> bytes_of(Tensor& t) {
  return {static_cast<std::byte*>(t.data_ptr()), t.nbytes()};
}

// The named rows of x go out, as many others come in; by peer, on x's device.
std::vector<Tensor> exchange(const HaloPlan& plan, const Comm& comm, const Tensor& x, const std::vector<Tensor>& out,
                             const std::vector<Tensor>& in) {
  std::vector<Tensor> sent, received;
  std::vector<Comm::Buffer> sends, receives;
  for (std::size_t p = 0; p < plan.size(); ++p) {
    auto shape = x.sizes().vec();
    shape[0] = in[p].size(0);
    sent.push_back(x.index_select(0, out[p].to(x.device())).cpu().contiguous());
    received.push_back(at::empty(shape, x.options().device(at::kCPU)));
    sends.push_back({plan[p].rank, bytes_of(sent.back())});
    receives.push_back({plan[p].rank, bytes_of(received.back())});
  }
  comm.exchange(sends, receives);
  for (Tensor& t : received) t = t.to(x.device());
  return received;
}

// A copy with so many rows of 0 behind.
Tensor with_rows(const Tensor& x, std::int64_t more) {
  auto shape = x.sizes().vec();
  shape[0] = more;
  return at::cat({x, at::zeros(shape, x.options())});
}

Tensor without_rows(const Tensor& x, std::int64_t last) {
  return last > 0 ? at::narrow_copy(x, 0, 0, x.size(0) - last) : x;
}

}  // namespace

struct HaloExchange::Move : torch::autograd::Function<Move> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const std::shared_ptr<const State>& s, bool to_owners) {
    ctx->saved_data["state"] = hold(s);
    ctx->saved_data["to_owners"] = to_owners;
    const auto& out = to_owners ? s->receive : s->send;
    const auto& in = to_owners ? s->send : s->receive;
    const auto received = exchange(s->plan, s->comm, x, out, in);
    Tensor y = to_owners ? x.clone() : with_rows(x, s->guests);
    if (to_owners) {
      for (const Tensor& ghosts : s->receive) y.index_fill_(0, ghosts.to(y.device()), 0);
    }
    // Peer by peer: a row stands once in a peer's list, so adding is in a fixed order on any device.
    for (std::size_t p = 0; p < in.size(); ++p) {
      const Tensor target = in[p].to(y.device());
      to_owners ? y.index_add_(0, target, received[p]) : y.index_copy_(0, target, received[p]);
    }
    return to_owners ? without_rows(y, s->guests) : y;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const auto state = held<std::shared_ptr<const State>>(ctx->saved_data["state"]);
    return {apply(grads[0], state, !ctx->saved_data["to_owners"].toBool()), Tensor(), Tensor()};
  }
};

HaloExchange::HaloExchange(HaloPlan plan, Comm comm, std::int64_t guests) {
  auto state = std::make_shared<State>(State{std::move(plan), std::move(comm), guests, {}, {}});
  for (const HaloPeer& peer : state->plan) {
    state->send.push_back(rows(peer.send));
    state->receive.push_back(rows(peer.receive));
  }
  state_ = std::move(state);
}

Tensor HaloExchange::to_ghosts(const Tensor& x) const {
  return state_ ? Move::apply(x, state_, false) : x;
}

Tensor HaloExchange::to_owners(const Tensor& x) const {
  return state_ ? Move::apply(x, state_, true) : x;
}

const Comm& HaloExchange::comm() const {
  static const Comm alone;
  return state_ ? state_->comm : alone;
}

namespace {

Tensor summed(const Tensor& x, const Comm& comm) {
  Tensor y = x.detach().cpu().contiguous().clone();
  const auto n = static_cast<std::size_t>(y.numel());
  switch (y.scalar_type()) {
    case at::kFloat:
      comm.sum(std::span(y.mutable_data_ptr<float>(), n));
      break;
    case at::kDouble:
      comm.sum(std::span(y.mutable_data_ptr<double>(), n));
      break;
    case at::kLong:
      comm.sum(std::span(y.mutable_data_ptr<std::int64_t>(), n));
      break;
    default:
      throw Error(std::string("sum_over_ranks of ") + at::toString(y.scalar_type()));
  }
  return y.to(x.device());
}

struct SumOverRanks : torch::autograd::Function<SumOverRanks> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Comm& comm) {
    ctx->saved_data["comm"] = hold(comm);
    return summed(x, comm);
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    return {apply(grads[0], held<Comm>(ctx->saved_data["comm"])), Tensor()};
  }
};

}  // namespace

Tensor sum_over_ranks(const Tensor& x, const Comm& comm) {
  return comm.size() == 1 ? x : SumOverRanks::apply(x, comm);
}

}  // namespace cotan
