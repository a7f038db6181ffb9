# The menu for those who work on fonder. People use ./start and ./test.
#   make check    the gcc build and its tests          make asan   the same under sanitizers
#   make lint     static analysis                      make golden re-record what tests compare with
#   make fuzz     ten minutes of libFuzzer a target    make torture every fault, and ten minutes of kills
#   make bench    times beside their floors            make check-fresh  ./start in a bare Debian 12
#   make calibrate  the engine's long simulations      make bench-peers  beside other programs (tools/packages-bench.txt)
#   make bench-web  a page beside nginx                make soak     what a site holds after a week of requests
.PHONY: check asan lint golden fuzz torture bench bench-peers bench-web calibrate check-fresh soak
MINUTES ?= 10
REQUESTS ?= 20000

build/gcc/build.ninja:
	CC=gcc meson setup build/gcc --werror -Dfuzz=replay

check: build/gcc/build.ninja
	ninja -C build/gcc && meson test -C build/gcc --no-rebuild --print-errorlogs

build/asan/build.ninja:
	CC=clang meson setup build/asan --werror -Dfuzz=replay -Db_sanitize=address,undefined -Db_lundef=false

asan: build/asan/build.ninja
	ninja -C build/asan && meson test -C build/asan --no-rebuild --print-errorlogs

lint: build/gcc/build.ninja
	tools/tidy.sh && tools/cppcheck.sh && tools/rooms.sh && tools/banned.sh

golden: build/gcc/build.ninja
	ninja -C build/gcc && FONDER_GOLDEN=record meson test -C build/gcc --no-rebuild --suite golden

build/fuzz/build.ninja:
	CC=clang meson setup build/fuzz -Dfuzz=libfuzzer -Dtests=false -Db_sanitize=address,undefined -Db_lundef=false

fuzz: build/fuzz/build.ninja
	ninja -C build/fuzz && tools/fuzz.sh build/fuzz $(MINUTES)

torture: build/gcc/build.ninja
	ninja -C build/gcc && FONDER_TORTURE=1 FONDER_MINUTES=$(MINUTES) meson test -C build/gcc --no-rebuild --timeout-multiplier 100 --print-errorlogs

calibrate: build/gcc/build.ninja
	ninja -C build/gcc && FONDER_CALIBRATE=1 meson test -C build/gcc --no-rebuild --timeout-multiplier 100 --suite num --suite insight --print-errorlogs

build/release/build.ninja:
	meson setup build/release --buildtype=release -Doptimization=2 -Dhardened=true -Dtests=false

bench: build/release/build.ninja
	ninja -C build/release && build/release/fonder bench

bench-peers: build/release/build.ninja
	ninja -C build/release fonder peer-vcard
	tools/peers/import.sh build/release/peer-vcard
	tools/peers/run.sh build/release/fonder

bench-web: build/release/build.ninja
	ninja -C build/release fonder && tools/peers/web.sh build/release/fonder

soak: build/release/build.ninja
	ninja -C build/release fonder && tools/soak.py build/release/fonder $(REQUESTS)

check-fresh:
	tools/check-fresh.sh
