# make setup     what the package needs from Debian, if anything is missing
# make compare   build, then the stack and the chain under every standard solver
# make view      build, then the viewer;  VIEW="stack --compare pgs" says what it shows
# make test      all tests, optimised
# make train MODEL=sweep-policy   one model from its data to its weights (Training/README.md);  make smoke-train, a minute
# make results   Documentation/Results.md from the committed measurements
# make format    rewrite the sources in the project's format;  make lint only checks
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.PHONY: setup compare view test train smoke-train results format lint clean

SOLVERS ?= pgs cg neural-pcg learned-update ldl newton
SCENES ?= stack chain
VIEW ?=
PACKAGES := libopenblas-dev libsuitesparse-dev libqhull-dev libhdf5-dev libsqlite3-dev gnuplot-nox pkg-config python3-h5py python3-scipy \
  libglfw3-dev libgl-dev libopengl-dev libegl-dev libimgui-dev libpng-dev libgl1-mesa-dri fonts-dejavu-core xvfb xauth
TESTBUILD := --scratch-path .build-test

setup:
	@command -v swift > /dev/null || { echo "setup: swift is not in PATH; get Swift 6.2 or later from swift.org/install"; exit 1; } >&2
	missing=()
	has() { dpkg-query -W -f '$${db:Status-Status}' "$$1" 2> /dev/null | grep -qx installed; }
	if command -v dpkg-query > /dev/null; then
	  for package in $(PACKAGES); do has $$package || missing+=($$package); done
	else
	  # Not Debian: what counts is whether the libraries can be found.
	  for library in openblas qhull_r hdf5 sqlite3 glfw3 egl opengl imgui libpng; do pkg-config --exists $$library 2> /dev/null || missing+=($$library); done
	  command -v gnuplot > /dev/null || missing+=(gnuplot)
	  python3 -c 'import h5py, scipy' 2> /dev/null || missing+=(python3-h5py python3-scipy)
	fi
	[ $${#missing[@]} -eq 0 ] && exit 0
	echo "setup: missing $${missing[*]}" >&2
	if ! command -v apt-get > /dev/null; then
	  echo "setup: there is no apt-get here; install OpenBLAS, SuiteSparse (AMD), Qhull, HDF5, gnuplot, pkg-config and, for the viewer, GLFW, OpenGL, EGL, Dear ImGui and libpng by hand" >&2
	  exit 1
	fi
	root=(env DEBIAN_FRONTEND=noninteractive)
	if [ "$$(id -u)" -ne 0 ]; then
	  command -v sudo > /dev/null || { echo "setup: neither root nor sudo; run: apt-get install $${missing[*]}" >&2; exit 1; }
	  root=(sudo "$${root[@]}")
	fi
	"$${root[@]}" apt-get -qq update
	"$${root[@]}" apt-get -qq install -y --no-install-recommends "$${missing[@]}" > /dev/null

compare: setup
	@swift build -c release --product delassus
	"$$(swift build -c release --show-bin-path)/delassus" compare $(SCENES) --solvers "$(SOLVERS)"

view: setup
	@swift build -c release --product delassus-view
	"$$(swift build -c release --show-bin-path)/delassus-view" $(VIEW)

test: setup
	@swift build -c release --build-tests $(TESTBUILD)
	log=$$(mktemp)
	trap 'rm -f "$$log"' EXIT
	swift test -c release --skip-build $(TESTBUILD) 2>&1 | tee "$$log"
	echo "skipped: $$(grep -cE '(Test|Suite) .* skipped' "$$log" || true)"
	# What capture writes, as other programs read it.
	products=$$(swift build -c release $(TESTBUILD) --show-bin-path)
	PATH="/usr/bin:$$PATH" Tests/capture_roundtrip.sh "$$products/delassus"
	# The viewer in a window of its own.
	Tests/viewer_window.sh "$$products"

VENV := .venv-training

$(VENV)/bin/python: Training/requirements.txt
	@python3 -m venv $(VENV) || { echo "train: python3 cannot make a virtual environment; on Debian install python3-venv" >&2; exit 1; }
	$(VENV)/bin/pip install -q -r Training/requirements.txt
	touch $@

train: setup $(VENV)/bin/python
	@[ -n "$(MODEL)" ] || { echo "train: say which, make train MODEL=sweep-policy; Training/README.md lists them" >&2; exit 64; }
	swift build -c release --product delassus
	Training/train.sh $(MODEL)

smoke-train: setup $(VENV)/bin/python
	@[ -n "$${DELASSUS:-}" ] || swift build -c release --product delassus
	for model in graph-network sweep-policy factor-correction mechanism-network; do
	  SMOKE=1 Training/train.sh $$model > /dev/null
	  echo "smoke-train: $$model"
	done

results:
	@python3 Training/results.py

format:
	@swift format --in-place --recursive Sources Tests Package.swift

lint:
	@swift format lint --strict --recursive Sources Tests Package.swift

clean:
	@rm -rf .build .build-test
