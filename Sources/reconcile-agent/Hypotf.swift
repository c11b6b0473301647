/// `hypotf` of the C library, in the agent's own code.
///
/// See LINKING.md.
///
/// Swift's static Glibc overlay refers to it, and linked on a new system that reference would ask
/// for `GLIBC_2.35`, which the machines that the agent runs on do not have. Exact to one rounding:
/// the squares of two floats neither overflow nor vanish in a double. As in C, an infinity wins
/// over a NaN.
@_cdecl("hypotf")
func hypotenuse(_ x: Float, _ y: Float) -> Float {
    if x.isInfinite || y.isInfinite { return .infinity }
    return Float((Double(x) * Double(x) + Double(y) * Double(y)).squareRoot())
}
