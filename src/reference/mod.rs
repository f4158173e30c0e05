//! The reference payer: an in-memory CARIN endpoint.

pub mod data;
