//! What several tests need.

use std::path::PathBuf;

/// The reference material beside the checkout. Its absence fails the test: a skipped test proves nothing.
pub fn shared(path: &str) -> PathBuf {
    let found = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    assert!(found.exists(), "{} is missing: put the reference material beside the checkout", found.display());
    found
}
