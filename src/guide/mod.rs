//! What implementation guides demand: packages, embedded catalogues and the catalogue made of them.

pub mod facts;
