#pragma once
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mesh/mesh.h"

namespace cotan::msh {

using Numbers = std::vector<int>;  ///< physical numbers, ascending or not, each once

/// Physical numbers of the sets of one dimension: the mesh's own where it has them, unused ones for the rest.
class Groups {
 public:
  explicit Groups(const MeshData& mesh) : mesh_(mesh) {}
  template <class Sets>
  void enter(int dim, const Sets& sets);
  int number(int dim, const std::string& name) const { return numbers_.at({dim, name}); }
  const std::map<std::pair<int, int>, std::string>& names() const { return names_; }  ///< (dimension, number) -> name

 private:
  const MeshData& mesh_;
  std::map<std::pair<int, int>, std::string> names_;
  std::map<std::pair<int, std::string>, int> numbers_;
};

/// Elements of one kind (the points of sets, the sides of sets, all cells), each on the entity of its groups.
struct Layer {
  int dim = 0;
  bool is_cells = false;
  std::vector<Numbers> entities{};  ///< groups of each; entity k has the tag first_tag + k
  int first_tag = 1;
  std::vector<int> entity{};     ///< of each element
  std::vector<int> gmsh_type{};  ///< of each element
  std::vector<Index> nodes{};    ///< of one after the other, Gmsh's order; cells take theirs from the mesh
  std::size_t size() const { return entity.size(); }
  const Numbers& groups(std::size_t element) const { return entities[std::size_t(entity[element])]; }
};

/// Points, sides, cells: what a file keeps of a mesh, in this order. Enters their sets into `groups`.
std::vector<Layer> layers_of(const Mesh& mesh, Groups& groups);

/// Behind the elements from `first` on that have the same type (and stand on the same entity).
std::size_t run_end(const Layer& layer, std::size_t first, bool same_entity);

/// Gives the nodes of a layer's elements, one element after the other, in Gmsh's order.
class Nodes {
 public:
  Nodes(const Mesh& mesh, const Layer& layer) : mesh_(mesh), layer_(layer) {}
  std::span<const Index> next();  ///< of the next element; valid until the call after

 private:
  const Mesh& mesh_;
  const Layer& layer_;
  std::size_t element_ = 0, at_ = 0;
  std::vector<Index> turned_;
};

}  // namespace cotan::msh
