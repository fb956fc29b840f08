internal import Glibc

/// ln, in one place, so that every detector takes the same.
func naturalLogarithm(_ value: Double) -> Double { log(value) }
