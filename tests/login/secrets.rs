//! No token, secret, code or password in anything that is written or said.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;

/// What must appear nowhere: what the payer gave out, and what the client knows.
fn secrets(served: &Served) -> Vec<String> {
    let store: Value = serde_json::from_slice(&fs::read(served.path("tokens.json")).unwrap()).unwrap();
    let token = |name: &str| store["tokens"][0][name].as_str().unwrap().to_owned();
    let mut secrets = vec![token("access_token"), token("refresh_token"), served.text("/expired_token")];
    secrets.push(served.client("confidential-app", "client_secret"));
    let key = served.client("asymmetric-app", "private_key");
    secrets.push(key.lines().nth(1).unwrap().to_owned());
    // As the client shows itself, and as a URL or a form holds them.
    secrets.push(STANDARD.encode(format!("confidential-app:{}", served.client("confidential-app", "client_secret"))));
    let encoded: Vec<String> = secrets
        .iter()
        .map(|secret| url::form_urlencoded::byte_serialize(secret.as_bytes()).collect())
        .filter(|text| !secrets.contains(text))
        .collect();
    secrets.extend(encoded);
    secrets
}

/// A file's bytes, and those of every text in base64 in it that is JSON or compressed: an archive of bodies holds such.
fn layers(bytes: Vec<u8>) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || "+/=".contains(letter))).filter(|word| word.len() > 64);
    let mut layers: Vec<Vec<u8>> = words.filter_map(|word| STANDARD.decode(word).ok()).collect();
    let unpacked = layers.iter().filter_map(|bytes| {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).ok().map(|_| plain)
    });
    let unpacked: Vec<Vec<u8>> = unpacked.collect();
    layers.extend(unpacked);
    layers.push(bytes);
    layers
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
    let names: Vec<String> = written.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    for name in [
        "cpcds.csv",
        "events.ndjson",
        "evidence.har",
        "junit.xml",
        "report.html",
        "requirements.csv",
        "results.json",
        "summary.md",
        "testreport.json",
    ] {
        assert!(names.iter().any(|written| written == name), "{name} is not among {names:?}");
    }
    let read: Vec<(&PathBuf, Vec<Vec<u8>>)> = written.iter().map(|path| (path, layers(fs::read(path).unwrap()))).collect();
    for secret in secrets(&served) {
        assert!(secret.len() > 8 && !spoken.contains(&secret), "a secret was said");
        for (file, layers) in &read {
            let holds = layers.iter().any(|bytes| memchr::memmem::find(bytes, secret.as_bytes()).is_some());
            assert!(!holds, "{} holds a secret", file.display());
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

#[test]
fn what_is_in_another_form_is_found_too() {
    let packed = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all("a body that holds s3cr3t-of-the-client and is long enough to be looked into, over and over".as_bytes()).unwrap();
        STANDARD.encode(encoder.finish().unwrap())
    };
    let archive = format!("{{\"content\":{{\"encoding\":\"base64\",\"text\":\"{packed}\"}}}}").into_bytes();
    assert!(layers(archive).iter().any(|bytes| memchr::memmem::find(bytes, b"s3cr3t-of-the-client").is_some()));
}
