//! No token, secret, code or password in anything that is written or said.

use super::*;

/// What must appear nowhere: what the payer gave out, and what the client knows.
fn secrets(served: &Served) -> Vec<String> {
    let store: Value = serde_json::from_slice(&fs::read(served.path("tokens.json")).unwrap()).unwrap();
    let token = |name: &str| store["tokens"][0][name].as_str().unwrap().to_owned();
    let mut secrets = vec![token("access_token"), token("refresh_token"), served.text("/expired_token")];
    secrets.push(served.client("confidential-app", "client_secret"));
    let key = served.client("asymmetric-app", "private_key");
    secrets.push(key.lines().nth(1).unwrap().to_owned());
    secrets
}

#[test]
fn nothing_that_is_written_or_said_holds_a_secret() {
    let served = Served::start(&["--auth", "smart"]);
    served.write("secret", &served.client("confidential-app", "client_secret"));
    served.write("expired", &served.text("/expired_token"));
    served.write("passphrase", "password");
    let user = served.text("/members/0/patient");
    let forms = format!(
        "[[auth.form]]\nfields = {{ username = \"{user}\", password = {{ file = \"passphrase\" }} }}\n[[auth.form]]\nbutton = \"allow\"\n"
    );
    let auth =
        format!("[auth]\nclient-id = \"confidential-app\"\nclient-secret-file = \"secret\"\nexpired-token-file = \"expired\"\n{forms}");
    served.write("payerspec.toml", &auth);
    let mut command = payerspec(&["login", "--target", &served.base()]);
    command.arg("--config").arg(served.path("payerspec.toml")).arg("--token-store").arg(served.path("tokens.json"));
    let login = command.output().unwrap();
    assert_eq!(login.status.code(), Some(0), "{}", said(&login));
    // The kept token is used by this run, and a scripted one signs in anew: both are looked through.
    let kept = "[auth]\nclient-id = \"confidential-app\"\nclient-secret-file = \"secret\"\nexpired-token-file = \"expired\"\n".to_owned();
    let mut spoken = said(&login);
    for (auth, fault) in [(&auth, "scripted"), (&kept, "kept")] {
        let (code, said, _) = served.run(auth, &["--show", "all", "--show-member-data"]);
        assert_eq!(code, 0, "{fault}: {said}");
        spoken.push_str(&said);
    }
    let written = files(&served.path("out"));
    assert!(written.len() >= 5, "{written:?}");
    for secret in secrets(&served) {
        assert!(secret.len() > 8 && !spoken.contains(&secret), "a secret was said");
        for file in &written {
            let bytes = fs::read(file).unwrap();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{} holds a secret", file.display());
        }
    }
}

#[cfg(unix)]
#[test]
fn the_store_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let served = Served::start(&["--auth", "smart"]);
    served.write("payerspec.toml", &format!("[auth]\nclient-id = \"public-app\"\n{}", served.forms()));
    let mut command = payerspec(&["login", "--target", &served.base()]);
    command.arg("--config").arg(served.path("payerspec.toml")).arg("--token-store").arg(served.path("state/tokens.json"));
    assert_eq!(command.output().unwrap().status.code(), Some(0));
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(served.path("state/tokens.json")), mode(served.path("state"))), (0o600, 0o700));
}

#[cfg(target_os = "linux")]
#[test]
fn a_crash_writes_no_core_and_arguments_hold_no_secret() {
    let served = Served::start(&["--auth", "smart"]);
    let limits = fs::read_to_string(format!("/proc/{}/limits", served.child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
    let arguments = fs::read_to_string(format!("/proc/{}/cmdline", served.child.id())).unwrap();
    assert!(!arguments.contains(&served.client("confidential-app", "client_secret")));
}
