//! The two pages that a member sees: sign in, and allow an application.

/// Text with what HTML gives a meaning taken out.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body><h1>{title}</h1>\n{body}</body></html>\n"
    )
}

/// A page that only says something.
pub fn notice(text: &str) -> String {
    page("Not possible", &format!("<p>{}</p>\n", escape(text)))
}

/// Asks for a user name and a password.
pub fn sign_in(ticket: &str, problem: Option<&str>) -> String {
    let problem = problem.map_or_else(String::new, |text| format!("<p role=\"alert\">{}</p>\n", escape(text)));
    page(
        "Sign in",
        &format!(
            "{problem}<form method=\"post\" action=\"/auth/login\">\n\
             <input type=\"hidden\" name=\"ticket\" value=\"{}\">\n\
             <label>User <input name=\"username\" autocomplete=\"username\"></label>\n\
             <label>Password <input type=\"password\" name=\"password\" autocomplete=\"current-password\"></label>\n\
             <button type=\"submit\" name=\"action\" value=\"sign-in\">Sign in</button>\n</form>\n",
            escape(ticket)
        ),
    )
}

/// Asks whose record the application may see, and whether it may.
pub fn consent(ticket: &str, client: &str, patients: &[&str], scopes: &str) -> String {
    let options: String = patients.iter().map(|patient| format!("<option value=\"{0}\">{0}</option>", escape(patient))).collect();
    let scopes: String = scopes.split_whitespace().map(|scope| format!("<li>{}</li>", escape(scope))).collect();
    page(
        "Allow access",
        &format!(
            "<p>{} asks for:</p>\n<ul>{scopes}</ul>\n<form method=\"post\" action=\"/auth/consent\">\n\
             <input type=\"hidden\" name=\"ticket\" value=\"{}\">\n\
             <label>Record of <select name=\"patient\">{options}</select></label>\n\
             <button type=\"submit\" name=\"decision\" value=\"allow\">Allow</button>\n\
             <button type=\"submit\" name=\"decision\" value=\"deny\">Deny</button>\n</form>\n",
            escape(client),
            escape(ticket)
        ),
    )
}
