//! Whether this processor can run what this program was built for.

/// `.cargo/config.toml` builds for processors with vectors of four (AVX2) and fused multiplication and addition, which
/// others stop at with no more than the name of a signal. Those are named in one sentence first.
#[cfg(target_arch = "x86_64")]
pub fn lacks() -> Option<&'static str> {
    use std::arch::x86_64::{__cpuid, __cpuid_count};
    // `is_x86_feature_detected!` takes what a program is built for as given. Intel, Software Developer's Manual 2A, CPUID.
    let [fma, avx2] = [1 << 12, 1 << 5];
    let has = __cpuid(0).eax >= 7 && __cpuid(1).ecx & fma != 0 && __cpuid_count(7, 0).ebx & avx2 != 0;
    (cfg!(target_feature = "avx2") && !has).then_some(
        "this processor is without AVX2 and FMA, expected one that has them (most since 2013); for this one: \
         RUSTFLAGS=\"-C target-cpu=native\" cargo build --release",
    )
}

/// Others are built for what all of their kind have.
#[cfg(not(target_arch = "x86_64"))]
pub fn lacks() -> Option<&'static str> {
    None
}
