#!/usr/bin/env bash
# Packs the lite build into one file, for machines that have no Debian packages of ours.
#   scripts/pack_lite.sh [OUT.tar.xz]            the tree with the sources that the preset `lite` still needs (yaml-cpp and
#                                                header libraries): wants a compiler, CMake and a LibTorch there
#   scripts/pack_lite.sh --program [OUT.tar.xz]  the program of build/lite with LibTorch and all else but the C library:
#                                                wants nothing there but tar and xz. Unpack anywhere; run cotan-lite/bin/cotan
set -euo pipefail
cd "$(dirname "$0")/.."
what=source
if [ "${1:-}" = --program ]; then what=program; shift; fi
out=$(realpath -m "${1:-build/cotan-lite-$what.tar.xz}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tree=$scratch/cotan-lite
mkdir -p "$tree"

# yaml-cpp as Debian has it; the packages' source entries are asked for this once, the system's lists stay as they are.
fetch_yaml_cpp() {
  local apt=$scratch/apt file
  mkdir -p "$apt/lists/partial" "$apt/parts" "$apt/source"
  touch "$apt/sources.list"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    if [ -f "$file" ]; then sed -n 's/^deb /deb-src /p' "$file" >>"$apt/sources.list"; fi
  done
  for file in /etc/apt/sources.list.d/*.sources; do
    if [ -f "$file" ]; then sed 's/^Types:.*/Types: deb-src/' "$file" >"$apt/parts/$(basename "$file")"; fi
  done
  local options=(-q -oDir::Etc::sourcelist="$apt/sources.list" -oDir::Etc::sourceparts="$apt/parts"
    -oDir::State::Lists="$apt/lists" -oDir::Cache::pkgcache= -oDir::Cache::srcpkgcache= -oAPT::Sandbox::User=root)
  apt-get "${options[@]}" update >"$apt/log" 2>&1 && (cd "$apt/source" && apt-get "${options[@]}" source yaml-cpp >>"$apt/log" 2>&1) ||
    { cat "$apt/log" >&2; echo "cannot fetch yaml-cpp's source: see above" >&2; exit 1; }
  mkdir -p build/lite-sources/yaml-cpp
  cp -r "$apt"/source/yaml-cpp-*/{include,src,LICENSE} build/lite-sources/yaml-cpp/
}

pack_source() {
  local name
  [ -d build/lite-sources/yaml-cpp/src ] || fetch_yaml_cpp
  git ls-files -z -- . ':!tests' ':!bench' ':!.ci' | xargs -0 cp --parents -t "$tree"
  mkdir -p "$tree/third_party/include" "$tree/third_party/licences"
  cp -r build/lite-sources/yaml-cpp "$tree/third_party/"
  cp -r /usr/include/{CLI,fmt,nlohmann,spdlog} /usr/include/eigen3/Eigen "$tree/third_party/include/"
  rm -rf "$tree/third_party/include/spdlog/fmt/bundled"
  for name in libyaml-cpp-dev libcli11-dev libfmt-dev nlohmann-json3-dev libspdlog-dev libeigen3-dev; do
    cp "/usr/share/doc/$name/copyright" "$tree/third_party/licences/$name"
  done
}

# Every library the program loads, but those of the C library, which must be the machine's own.
libraries_of() {
  ldd "$1" | awk '$3 ~ /^\// {print $1, $3}' | grep -vE '^(libc|libm|libdl|librt|libpthread)\.so'
}

# Their licences ask to go with them: LibTorch's stands in its folder or beside it in the wheel, Debian's by package.
licences_of() {
  local path=$1 package file
  if [[ $path == */torch/lib/* || $path == */libtorch/lib/* ]]; then
    for file in "${path%/lib/*}"/{LICENSE,NOTICE} "${path%/lib/*}"/../torch-*.dist-info/licenses/*; do
      if [ -e "$file" ]; then cp -rL "$file" "$tree/licences/torch/"; fi
    done
    return
  fi
  package=$(dpkg -S "*$(realpath "$path" | sed 's|^/usr||')" 2>/dev/null | sed -n '1s/:.*//p') || return 0  # of no package
  cp -L "/usr/share/doc/$package/copyright" "$tree/licences/$package"
}

pack_program() {
  local name path
  scripts/build.sh lite cotan cotan_cli
  mkdir -p "$tree/bin" "$tree/lib" "$tree/licences/torch"
  cmake --install build/lite --prefix "$scratch/prefix" --strip >/dev/null
  cp "$scratch/prefix/bin/cotan" "$tree/bin/"  # looks for libraries in $ORIGIN/../lib first, and they beside themselves
  cp LICENSE "$tree/"
  libraries_of "$scratch/prefix/bin/cotan" | while read -r name path; do
    cp -L "$path" "$tree/lib/$name"
    strip --strip-unneeded "$tree/lib/$name"
    licences_of "$path"
  done
}

pack_$what
mkdir -p "$(dirname "$out")"
# 1.4 GiB of memory to pack, 128 MiB to unpack. A larger dictionary finds nothing more: hardly any code of LibTorch comes
# again at a distance beyond it.
tar -C "$scratch" --sort=name --owner=0 --group=0 --numeric-owner -c cotan-lite |
  xz --x86 --lzma2=preset=9e,dict=128MiB,lc=4,pb=0 -c >"$out.partial"
mv "$out.partial" "$out"
printf '%s: %s MiB (unpacked %s MiB)\n' "$out" "$(($(stat -c %s "$out") >> 20))" "$(($(du -sk "$tree" | cut -f1) >> 10))"
