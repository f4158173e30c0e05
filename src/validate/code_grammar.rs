pub fn check(_: &str, _: &str) -> Option<&'static str> {
    None
}
pub fn check_identifier(_: &str, _: &str) -> Option<&'static str> {
    None
}
