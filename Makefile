# make demo    trains, prunes and tests a detector on drawn pictures, from a fresh machine;
#              DEMO=small: on fewer of them
# make install PREFIX=/usr/local   puts pare there, with all that it needs; make uninstall: away again
# make test-install  tries that in an empty folder, with what make demo has left
# make test-distillation  whether a teacher is worth something where labels are few; two minutes
# make test    the test suite; make test-real: also on real inputs, see CONTRIBUTING.md
# make test-library  the examples of docs/library.md, built in a package outside of this folder
# make test-parity  networks beside OpenCV's dnn and a NumPy forward pass; needs PARE_REALDATA
# make test-export-c  what 'pare export c' writes, for 32-bit ARM under QEMU; installs what is missing
# make OPENCV_PREFIX=/usr/local/opencv-4.8.0   against an OpenCV of your own; see docs/setup.md
# make test-opencv-build  builds a small OpenCV from Debian's source, and pare against it; half an hour
# make test-kill    kills runs at random moments and at every rename and fsync; ten minutes
# make fuzz    mutated files against every parser, 100,000 each; SECONDS_EACH=15 for less
# make check   what has to pass before a commit: format lint, build, tests
.PHONY: all setup build demo install uninstall test test-install test-distillation test-real test-library test-parity test-export-c test-opencv-build test-kill \
  check lint format fuzz clean

# An OpenCV of your own in place of the system's.
ifdef OPENCV_PREFIX
export OPENCV_PREFIX
endif

SWIFT_BUILD := swift build -c release
# Tests run side by side: threads that wait for one another sleep instead of taking the cores.
# With PARE_TESTABLE=1 they share the optimised build, as continuous integration has it: one build in
# place of two, and quicker tests; after a change the build takes longer.
# 'swift test' by itself would build all of it again, with flags of its own.
BUILD_TESTS := $(if $(PARE_TESTABLE),$(SWIFT_BUILD) --build-tests,@:)
SWIFT_TEST := OMP_WAIT_POLICY=passive swift test $(if $(PARE_TESTABLE),-c release --skip-build)
FORMATTED := Package.swift Sources Tests $(foreach package,Benchmarks Fuzz,\
  $(package)/Package.swift $(package)/Sources)

all: build

setup:
	@Scripts/setup

build: setup
	$(SWIFT_BUILD) --product pare
	$(SWIFT_BUILD) --product pare-engine
	$(SWIFT_BUILD) --product CVideo
	@Scripts/stamp

demo: build
	@Scripts/demo

PREFIX ?= /usr/local

# Under sudo what the user has built is installed: root need not have Swift.
install: $(if $(SUDO_USER),,build)
	@Scripts/install "$(PREFIX)"

uninstall:
	@Scripts/install --remove "$(PREFIX)"

test-install: build
	@Scripts/check-install

test-distillation: build
	@Scripts/check-distillation

test: setup
	$(BUILD_TESTS)
	$(SWIFT_TEST)

# The same suite with the tests on real pictures and weights switched on.
test-real: setup
	@test -d "$$PARE_REALDATA" || { echo "test-real: set PARE_REALDATA to the folder of real inputs" >&2; exit 1; }
	$(BUILD_TESTS)
	$(SWIFT_TEST)

test-library: build
	@Scripts/check-library

# Every reference network beside OpenCV's dnn and a plain NumPy forward pass, in Python.
test-parity: setup
	@test -d "$$PARE_REALDATA" || { echo "test-parity: set PARE_REALDATA to the folder of real inputs" >&2; exit 1; }
	@Tests/ParityTests/Python/install
	$(BUILD_TESTS)
	PARE_PARITY="$(CURDIR)/.parity" $(SWIFT_TEST) --filter ParityTests

# What 'pare export c' writes, for 32-bit ARM.
test-export-c: build
	@Scripts/test-export-c

# A small OpenCV by Scripts/build-opencv-cuda, and 'pare detect' built against it.
test-opencv-build: setup
	@Scripts/check-opencv-build

# Runs that are killed go on to the same bits, and leave nothing behind.
test-kill: build
	@Scripts/test-kill

check: lint test

lint:
	@swift format lint --strict --recursive --parallel $(FORMATTED)
	@Scripts/target-picture --check

format:
	@swift format --in-place --recursive --parallel $(FORMATTED)

# In the folder of `make build`, so that the package's own modules are not built twice.
fuzz: setup
	$(SWIFT_BUILD) --package-path Fuzz --scratch-path .build
	.build/release/fuzz all --seed 1 \
	  $(if $(SECONDS_EACH),--seconds $(SECONDS_EACH),--executions 100000)

clean:
	rm -rf .build Benchmarks/.build Fuzz/.build
