// Linked with a fuzzer's static library: libFuzzer brings `main`, this file brings Swift's runtime.
