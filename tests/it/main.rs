//! The tests of the whole: one binary.
