#pragma once
#include <string>

#include "io/abaqus_deck.h"

namespace cotan::abaqus {

constexpr int kWholeCell = -1, kNoFace = -2;

/// The local facet that a face's name says ("S1", "E2", "SPOS", "END1"): kWholeCell for the faces of a shell, kNoFace
/// where the element has none of that name. \pre the name is not empty
int facet_of(const ElementType& type, const std::string& face);

}  // namespace cotan::abaqus
