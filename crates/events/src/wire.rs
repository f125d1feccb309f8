//! Envelopes to bytes and back.
