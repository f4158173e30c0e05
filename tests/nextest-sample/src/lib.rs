//! Whatever is released with the endpoint; only `tests/payerspec.rs` matters here.
