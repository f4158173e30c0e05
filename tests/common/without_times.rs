//! Results as two runs of the same server have them alike: without times, and what the network did.

use serde_json::Value;

/// Takes out when things happened and how long they took, whether the run was broken off, how many requests there were, and the digest of
/// the record, which has all that.
pub fn without_times(mut results: Value) -> Value {
    for name in ["started", "finished", "duration_ms", "requests", "evidence"] {
        assert!(results.as_object_mut().unwrap().remove(name).is_some(), "{name} is not told");
    }
    results.as_object_mut().unwrap().remove("resumed");
    for case in results["cases"].as_array_mut().unwrap() {
        case.as_object_mut().unwrap().remove("duration_ms").unwrap();
        for exchange in case["exchanges"].as_array_mut().unwrap() {
            for name in ["started", "duration_ms", "attempts", "retries"] {
                exchange.as_object_mut().unwrap().remove(name).unwrap();
            }
        }
    }
    results
}
