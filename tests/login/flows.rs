//! Each flow from nothing to a judged record.

use super::*;

/// Runs a configuration and expects that nothing is wrong, and that the member's record was read with the token.
fn conforms(served: &Served, auth: &str, more: &[&str]) -> Value {
    let (code, said, results) = served.run(auth, more);
    assert_eq!(code, 0, "{said}");
    assert_eq!(with_outcome(&results, "fail"), [""; 0], "{said}");
    assert_eq!(with_outcome(&results, "warn"), [""; 0], "{said}");
    assert!(with_outcome(&results, "pass").contains(&"c4bb.Patient.read".to_owned()), "{said}");
    results
}

#[test]
fn a_public_client_signs_in_by_script() {
    let served = Served::start(&["--auth", "smart"]);
    let results = conforms(&served, &format!("[auth]\nclient-id = \"public-app\"\n{}", served.forms()), &[]);
    let passed = with_outcome(&results, "pass");
    for case in ["pkce", "state", "id-token", "token.patient", "refresh.rotated", "refuses.wrong-verifier", "refuses.reused-code"] {
        assert!(passed.contains(&format!("r4.oauth.{case}")), "{case} is not among {passed:?}");
    }
    assert_eq!(with_outcome(&results, "not-applicable"), ["r4.oauth.refuses.wrong-secret", "r4.oauth.refuses.expired-token"]);
}

#[test]
fn a_confidential_client_shows_its_secret_in_both_ways() {
    let served = Served::start(&["--auth", "smart"]);
    served.write("secret", &served.client("confidential-app", "client_secret"));
    for method in ["client_secret_basic", "client_secret_post"] {
        let auth = format!(
            "[auth]\nclient-id = \"confidential-app\"\nclient-secret-file = \"secret\"\nclient-authentication = \"{method}\"\n{}",
            served.forms()
        );
        let results = conforms(&served, &auth, &[]);
        assert!(with_outcome(&results, "pass").contains(&"r4.oauth.refuses.wrong-secret".to_owned()), "{method}");
    }
}

#[test]
fn an_asymmetric_client_signs_its_assertion_with_either_algorithm() {
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/login/client-keys.json");
    let served = Served::start(&["--auth", "smart", "--client-keys", keys]);
    served.write("es384.pem", &served.client("asymmetric-app", "private_key"));
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/login/client-key.pem"), served.path("rs384.pem")).unwrap();
    for (file, id) in [("es384.pem", served.client("asymmetric-app", "key_id")), ("rs384.pem", "test-rs384".to_owned())] {
        let auth = format!("[auth]\nclient-id = \"asymmetric-app\"\nkey-file = \"{file}\"\nkey-id = \"{id}\"\n{}", served.forms());
        let results = conforms(&served, &auth, &[]);
        assert!(with_outcome(&results, "pass").contains(&"r4.oauth.refuses.wrong-secret".to_owned()), "{file}");
    }
}

#[test]
fn a_backend_service_acts_for_itself() {
    let served = Served::start(&["--auth", "smart"]);
    served.write("key.pem", &served.client("backend-service", "private_key"));
    let patient = served.text("/members/0/patient");
    let auth = "[auth]\nflow = \"client-credentials\"\nclient-id = \"backend-service\"\nkey-file = \"key.pem\"\n";
    let (code, said, results) = served.run(auth, &["--patient", &patient]);
    assert_eq!(code, 0, "{said}");
    let passed = with_outcome(&results, "pass");
    assert!(passed.contains(&"c4bb.Patient.read".to_owned()) && passed.contains(&"r4.oauth.token".to_owned()), "{passed:?}");
    assert!(with_outcome(&results, "not-applicable").contains(&"r4.oauth.pkce".to_owned()));
}

#[test]
fn scopes_of_the_first_version_do_as_well() {
    let served = Served::start(&["--auth", "smart"]);
    let scopes = "scopes = [\"launch/patient\", \"openid\", \"fhirUser\", \"offline_access\", \"patient/*.read\"]\n";
    let results = conforms(&served, &format!("[auth]\nclient-id = \"public-app\"\n{scopes}{}", served.forms()), &[]);
    assert!(with_outcome(&results, "pass").contains(&"r4.oauth.refuses.other-scope".to_owned()));
}

#[test]
fn a_person_signs_in_and_a_later_run_goes_on_with_the_kept_token() {
    let served = Served::start(&["--auth", "smart"]);
    let auth = "[auth]\nclient-id = \"public-app\"\n";
    served.write("payerspec.toml", auth);
    let mut command = payerspec(&["login", "--no-browser", "--target", &served.base()]);
    command.arg("--config").arg(served.path("payerspec.toml")).arg("--token-store").arg(served.path("tokens.json"));
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let url = printed_url(&mut child);
    let back = browse(&url, &served.text("/members/0/patient"));
    // The browser comes back to the listener.
    let page = http("GET", &back, None, "");
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("the token is kept in"));
    let results = conforms(&served, auth, &[]);
    assert!(with_outcome(&results, "not-applicable").contains(&"r4.oauth.state".to_owned()));
}

#[test]
fn the_address_that_the_browser_ends_up_at_can_be_pasted() {
    let served = Served::start(&["--auth", "smart"]);
    served.write("payerspec.toml", "[auth]\nclient-id = \"public-app\"\n");
    let mut command = payerspec(&["login", "--no-browser", "--target", &served.base()]);
    command.arg("--config").arg(served.path("payerspec.toml")).arg("--token-store").arg(served.path("tokens.json"));
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let url = printed_url(&mut child);
    let back = browse(&url, &served.text("/members/0/patient"));
    child.stdin.take().unwrap().write_all(format!("{back}\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn a_redirect_with_another_state_is_not_believed() {
    let served = Served::start(&["--auth", "smart", "--fault", "oauth.state-dropped"]);
    served.write("payerspec.toml", "[auth]\nclient-id = \"public-app\"\n");
    let mut command = payerspec(&["login", "--no-browser", "--target", &served.base()]);
    command.arg("--config").arg(served.path("payerspec.toml")).arg("--token-store").arg(served.path("tokens.json"));
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let url = printed_url(&mut child);
    let back = browse(&url, &served.text("/members/0/patient"));
    child.stdin.take().unwrap().write_all(format!("{back}\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(said(&output).contains("does not carry the state that was sent"), "{}", said(&output));
    assert!(!served.path("tokens.json").exists());
}

/// The address that `login` prints, without what follows it.
fn printed_url(child: &mut Child) -> String {
    let mut lines = BufReader::new(child.stderr.as_mut().unwrap()).lines();
    lines.find_map(|line| line.ok().filter(|line| line.starts_with("http"))).unwrap()
}

#[test]
fn another_authorization_server_issues_the_tokens() {
    let office = Served::start(&["--auth", "smart"]);
    let (issuer, secret) = (office.base().replace("/fhir", "/auth"), office.client("confidential-app", "client_secret"));
    let registered = format!("issuer = \"{issuer}\"\nclient-id = \"confidential-app\"\nclient-secret = \"{secret}\"\n");
    office.write("authorization-server.toml", &registered);
    let payer = Served::start(&["--authorization-server", office.path("authorization-server.toml").to_str().unwrap()]);
    payer.write("secret", &secret);
    let auth = format!(
        "[auth]\nclient-id = \"confidential-app\"\nclient-secret-file = \"secret\"\nallow-origins = [\"{}\"]\naudience = \"{}\"\n{}",
        issuer.trim_end_matches("/auth"),
        office.base(),
        payer.forms()
    );
    let results = conforms(&payer, &auth, &[]);
    let passed = with_outcome(&results, "pass");
    for case in ["endpoints", "id-token", "refuses.reused-code", "refuses.other-scope", "introspection"] {
        assert!(passed.contains(&format!("r4.oauth.{case}")), "{case} is not among {passed:?}");
    }
    office.write("authorization-server.toml", "issuer = \"http://127.0.0.1:9\"\nclient-id = \"a\"\nclient-secret = \"b\"\n");
    let silent =
        payerspec(&["serve", "--authorization-server", office.path("authorization-server.toml").to_str().unwrap()]).output().unwrap();
    assert_eq!(silent.status.code(), Some(2), "{}", said(&silent));
    assert!(said(&silent).contains("does not say where its endpoints are"), "{}", said(&silent));
}
