//! The flow that a state Medicaid documents, end to end, with its deviations told; and what stops a sign-in.

use super::*;

#[test]
fn the_documented_flow_completes_and_its_deviations_are_told() {
    let served = Served::start(&["--auth", "utah"]);
    served.write("secret", &served.client("utah-app", "client_secret"));
    let origin = served.base().replace("/fhir", "");
    let auth = format!(
        "[target]\nmetadata-url = \"{origin}/fhir/metadata\"\nauthorize-url = \"{origin}/sso/oauth2/authorize\"\n\
         token-url = \"{origin}/sso/oauth2/access_token\"\n[auth]\npreset = \"utah-medicaid\"\nclient-id = \"utah-app\"\n\
         client-secret-file = \"secret\"\n{}",
        served.forms()
    );
    let (code, said, results) = served.run(&auth, &[]);
    assert_eq!(code, 1, "{said}");
    assert_eq!(
        with_outcome(&results, "fail"),
        ["r4.oauth.configuration", "r4.oauth.token-request.form", "r4.oauth.token-request.redirect-uri"]
    );
    assert_eq!(with_outcome(&results, "warn"), ["r4.oauth.pkce", "r4.oauth.state"]);
    let passed = with_outcome(&results, "pass");
    for case in
        ["c4bb.Patient.read", "c4bb.Coverage.read", "r4.oauth.token", "r4.oauth.refuses.reused-code", "r4.oauth.refuses.wrong-secret"]
    {
        assert!(passed.contains(&case.to_owned()), "{case} is not among {passed:?}");
    }
}

#[test]
fn without_the_preset_the_documented_flow_is_not_entered() {
    let served = Served::start(&["--auth", "utah"]);
    served.write("secret", &served.client("utah-app", "client_secret"));
    let auth = format!("[auth]\nclient-id = \"utah-app\"\nclient-secret-file = \"secret\"\n{}", served.forms());
    let (code, said, _) = served.run(&auth, &[]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("the token endpoint refused: status 400, invalid_request"), "{said}");
}

#[test]
fn a_script_that_does_not_fit_says_where_it_stopped_and_what_is_there() {
    let served = Served::start(&["--auth", "smart"]);
    let auth = "[auth]\nclient-id = \"public-app\"\n[[auth.form]]\nfields = { email = \"a@b.example\" }\n";
    let (code, said, _) = served.run(auth, &["--show-member-data"]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("/auth/authorize") && said.contains("[email]") && said.contains("username, password"), "{said}");
    let (_, said, _) = served.run(auth, &[]);
    assert!(said.contains("the forms there have [***]"), "what the server names is hidden: {said}");
    let wrong = served.forms().replace("file = \"password\"", "file = \"payerspec.toml\"");
    let (code, said, _) = served.run(&format!("[auth]\nclient-id = \"public-app\"\n{wrong}"), &[]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("/auth/login") && said.contains("the button allow"), "{said}");
}

#[test]
fn settings_that_make_no_sense_end_before_anything_is_sent() {
    let served = Served::start(&["--auth", "smart"]);
    for (auth, expected) in [
        ("[auth]\n", "client-id: it is missing"),
        ("[auth]\nclient-id = \"a\"\nsecret = \"s3cr3t\"\n", "unknown field `secret`"),
        ("[auth]\nclient-id = \"a\"\nkey-file = \"none.pem\"\n", "none.pem"),
        ("[target]\ntoken-file = \"t\"\n[auth]\nclient-id = \"a\"\n", "remove one of them"),
        ("[auth]\nclient-id = \"a\"\npreset = \"ohio\"\n", "utah-medicaid"),
    ] {
        let (code, said, _) = served.run(auth, &[]);
        assert_eq!(code, 2, "{auth}: {said}");
        assert!(said.contains(expected) && !said.contains("s3cr3t"), "{auth}: {said}");
    }
    let output = payerspec(&["login", "--target", &served.base()]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("[auth]"));
}

#[test]
fn an_authorization_server_elsewhere_must_be_named() {
    let served = Served::start(&["--auth", "smart"]);
    // The same payer by another name is another origin.
    let base = served.base().replace("127.0.0.1", "localhost");
    served.write(
        "payerspec.toml",
        &format!(
            "[target]\nauthorize-url = \"{}/auth/authorize\"\n[auth]\nclient-id = \"public-app\"\n{}",
            served.base().replace("/fhir", ""),
            served.forms()
        ),
    );
    let mut command = payerspec(&["run", "--target", &base, "--only", SOME]);
    let output = command.arg("--config").arg(served.path("payerspec.toml")).output().unwrap();
    // Signed in under one name, the audience is the other: the server says no, and nothing was sent to a place that is not named.
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(said(&output).contains("the authorization endpoint refused: invalid_request"), "{}", said(&output));
}
