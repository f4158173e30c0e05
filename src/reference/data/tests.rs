#[test]
fn dumps_when_asked() {}
