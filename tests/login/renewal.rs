//! Refresh tokens: to begin with, from the store, and during a run.

use super::*;

/// Signs in once by script and gives what the store then holds.
fn signed_in(served: &Served) -> Value {
    served.write("payerspec.toml", &format!("[auth]\nclient-id = \"public-app\"\n{}", served.forms()));
    let mut command = payerspec(&["login", "--target", &served.base()]);
    command.arg("--config").arg(served.path("payerspec.toml")).arg("--token-store").arg(served.path("tokens.json"));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    serde_json::from_slice(&fs::read(served.path("tokens.json")).unwrap()).unwrap()
}

#[test]
fn a_refresh_token_is_enough_to_begin_with() {
    let served = Served::start(&["--auth", "smart"]);
    let store = signed_in(&served);
    fs::remove_file(served.path("tokens.json")).unwrap();
    served.write("refresh", store["tokens"][0]["refresh_token"].as_str().unwrap());
    let auth = "[auth]\nflow = \"refresh-token\"\nclient-id = \"public-app\"\nrefresh-token-file = \"refresh\"\n";
    let (code, said, results) = served.run(auth, &[]);
    assert_eq!(code, 0, "{said}");
    assert!(with_outcome(&results, "pass").contains(&"c4bb.Patient.read".to_owned()));
    // The token was rotated: the next run goes on with the one that was kept, not with the one in the file.
    let kept: Value = serde_json::from_slice(&fs::read(served.path("tokens.json")).unwrap()).unwrap();
    assert_ne!(kept["tokens"][0]["refresh_token"], store["tokens"][0]["refresh_token"]);
    let (code, said, _) = served.run(auth, &[]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn a_kept_token_that_has_run_out_is_renewed_first() {
    let served = Served::start(&["--auth", "smart"]);
    let mut store = signed_in(&served);
    let first = store["tokens"][0]["access_token"].clone();
    store["tokens"][0]["expires_at"] = Value::from(1);
    fs::write(served.path("tokens.json"), store.to_string()).unwrap();
    let (code, said, results) = served.run("[auth]\nclient-id = \"public-app\"\n", &[]);
    assert_eq!(code, 0, "{said}");
    let passed = with_outcome(&results, "pass");
    assert!(passed.contains(&"c4bb.Patient.read".to_owned()) && passed.contains(&"r4.oauth.token.no-store".to_owned()), "{passed:?}");
    let kept: Value = serde_json::from_slice(&fs::read(served.path("tokens.json")).unwrap()).unwrap();
    assert_ne!(kept["tokens"][0]["access_token"], first);
}

#[test]
fn a_kept_token_that_is_refused_is_renewed_once() {
    let served = Served::start(&["--auth", "smart"]);
    let mut store = signed_in(&served);
    store["tokens"][0]["access_token"] = Value::from("revoked-in-the-meantime");
    fs::write(served.path("tokens.json"), store.to_string()).unwrap();
    // With one slot, a request that kept it while its token is renewed would wait for ever.
    let more = ["--concurrency", "1", "--timeout", "10"];
    let (code, said, results) = served.run("[auth]\nclient-id = \"public-app\"\n", &more);
    assert_eq!(code, 0, "{said}");
    assert!(with_outcome(&results, "pass").contains(&"c4bb.Patient.read".to_owned()), "{said}");
}

#[test]
fn a_member_who_is_not_there_is_not_waited_for() {
    let served = Served::start(&["--auth", "smart"]);
    served.write("payerspec.toml", "[auth]\nclient-id = \"public-app\"\nlogin-timeout = 1\n");
    let mut command = payerspec(&["run", "--no-browser", "--target", &served.base(), "--only", SOME]);
    command.arg("--config").arg(served.path("payerspec.toml")).arg("--token-store").arg(served.path("tokens.json"));
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(said(&output).contains("nobody came back"), "{}", said(&output));
}
