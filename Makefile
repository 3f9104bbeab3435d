# The project for a person; CMake presets do the work.

PRESET ?= release
BUILD := build/$(PRESET)
JOBS ?= $(shell nproc)
DEMO ?= search --config examples/demo.yaml
CMAKE_BUILD = cmake --build --preset $(PRESET) -j $(JOBS)

.PHONY: help setup configure build program demo test test-full bench format

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## fetch what the build needs (Debian packages, Python wheels in .venv)
	@scripts/setup.sh

configure: setup
	@test -f $(BUILD)/build.ninja || cmake --preset $(PRESET) --log-level=WARNING

build: configure ## build everything, tests included
	@$(CMAKE_BUILD)

program: configure
	@$(CMAKE_BUILD) --target nasmyth libnasmyth_torch

demo: program ## set up, build the program, run the main job
	$(BUILD)/nasmyth $(DEMO)

test: build ## set up, build, run the tests
	@ctest --preset $(PRESET) -j $(JOBS)

test-full: build ## the same with the long tests and fuzzing, and the GPU's where there is one
	@NASMYTH_SETUP_FUZZ=1 scripts/setup.sh
	@$(CMAKE_BUILD) --target nasmyth_full_tests
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

bench: configure ## build and run the benchmarks
	@cmake --preset $(PRESET) -DNASMYTH_BENCHMARKS=ON --log-level=WARNING
	@$(CMAKE_BUILD) --target bench
	$(BUILD)/bench

format: setup ## format all C++ files
	@python3 tests/checks/format.py --fix
