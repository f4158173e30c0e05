pub struct Problem {
    pub rule: &'static str,
    pub what: String,
}
pub fn check(_: &str) -> Vec<Problem> {
    Vec::new()
}
