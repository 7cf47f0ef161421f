#pragma once
#include <memory>

#include "core/tensor_file.h"
#include "gnn/trainer.h"

namespace cotan {

/// A model rebuilt from a file, with what it was trained for.
struct Checkpoint {
  std::string model_name;
  std::shared_ptr<Model> model;
  double dt = 0;           ///< [s] the step it was trained with
  std::string config;      ///< the run's whole configuration as YAML
  std::string trained_on;  ///< what the program notes of the data, as YAML; empty where nothing is said
  TrainState state;        ///< of `last`; empty counters in `best`
};

/// Everything in a safetensors file: parameters (without state, their running averages where the state has them),
/// buffers, optimiser tensors; format number, model options, fields with units, dt, roles, configuration and a checksum
/// in the metadata. gnn makes the tensors, io writes the bytes (joined in apps/).
TensorFile pack_checkpoint(const Checkpoint& checkpoint, bool with_state);
/// \throw InputError naming the tensor that is missing, unknown, does not fit or is not finite; the counter that is out
/// of range; options that ask for more than the file holds; the format found and read; a checksum that is not met
Checkpoint unpack_checkpoint(const TensorFile& file, const std::string& source);

/// Host tensor and back (contiguous copy).
HostTensor to_host(const at::Tensor& tensor);
at::Tensor from_host(const HostTensor& tensor);

}  // namespace cotan
