//! Named places where a test of crashes lets the process die: `ROLLCALL_TORTURE_POINT=name` or `name:nth`. Nothing at all without the
//! feature `torture`.

/// A place to die at.
#[cfg(feature = "torture")]
pub(crate) fn point(name: &str) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    static WANTED: LazyLock<Option<(String, u32)>> = LazyLock::new(|| {
        let text = std::env::var("ROLLCALL_TORTURE_POINT").ok()?;
        let (name, nth) = text.split_once(':').unwrap_or((&text, "1"));
        Some((name.to_owned(), nth.parse().ok()?))
    });
    static PASSED: AtomicU32 = AtomicU32::new(0);
    if let Some((wanted, nth)) = &*WANTED
        && wanted == name
        && PASSED.fetch_add(1, Ordering::AcqRel) + 1 == *nth
    {
        std::process::abort();
    }
}

/// A place to die at.
#[cfg(not(feature = "torture"))]
#[inline]
pub(crate) const fn point(_name: &str) {}
