//! Guides that are not embedded: given by hand, from the package cache, from a registry; and packages that must be refused.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use flate2::{Compression, write::GzEncoder};
use payerspec::cli::packages::{PackagesCommand, perform};
use payerspec::guide::package::cache;
use payerspec::guide::{Catalogue, Fetch, GuideError, GuideId, Sources};
use tempfile::TempDir;

/// File, guide, and how many server CapabilityStatements with requirements it has.
const OTHERS: &[(&str, &str, &str, usize)] = &[
    ("hl7.fhir.us.davinci-pdex-2.0.0.tgz", "hl7.fhir.us.davinci-pdex#2.0.0", "pdex", 1),
    ("hl7.fhir.us.davinci-pdex-plan-net-1.1.0.tgz", "hl7.fhir.us.davinci-pdex-plan-net#1.1.0", "plan-net", 1),
    ("hl7.fhir.us.davinci-drug-formulary-2.0.1.tgz", "hl7.fhir.us.davinci-drug-formulary#2.0.1", "drug-formulary", 1),
    ("hl7.fhir.us.davinci-pas-2.0.1.tgz", "hl7.fhir.us.davinci-pas#2.0.1", "pas", 1),
    ("hl7.fhir.us.davinci-pas-2.2.1.tgz", "hl7.fhir.us.davinci-pas#2.2.1", "pas", 1),
];

fn shared(name: &str) -> PathBuf {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/packages")).join(name);
    assert!(path.exists(), "{} is missing: this test needs the reference packages beside the project", path.display());
    path
}

/// A registry in memory, which remembers what it was asked.
#[derive(Default)]
struct Registry {
    pages: BTreeMap<String, Vec<u8>>,
    asked: Mutex<Vec<String>>,
}

impl Fetch for Registry {
    fn get(&self, url: &str, limit: usize) -> Result<Vec<u8>, String> {
        self.asked.lock().unwrap().push(url.to_owned());
        let page = self.pages.get(url).ok_or("status 404")?;
        if page.len() > limit { Err("too large".to_owned()) } else { Ok(page.clone()) }
    }
}

fn with_registry(pages: &[(&str, Vec<u8>)], cache: Option<&Path>) -> (Sources, Arc<Registry>) {
    let pages = pages.iter().map(|(path, content)| (format!("https://registry.example/{path}"), content.clone())).collect();
    let registry = Arc::new(Registry { pages, ..Registry::default() });
    let fetch: Arc<dyn Fetch> = Arc::<Registry>::clone(&registry);
    let sources = Sources {
        packages: Vec::new(),
        cache: cache.map(Path::to_owned),
        registry: Some("https://registry.example/".to_owned()),
        fetch: Some(fetch),
    };
    (sources, registry)
}

fn given(path: PathBuf) -> Sources {
    Sources { packages: vec![path], ..Sources::default() }
}

fn id(text: &str) -> GuideId {
    text.parse().unwrap()
}

/// A package archive of plain or hostile entries: name, tar entry kind, content.
fn archive(entries: &[(&str, u8, &[u8])]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, kind, content) in entries {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(content.len() as u64);
        header.set_entry_type(tar::EntryType::new(*kind));
        header.set_cksum();
        tar.extend_from_slice(header.as_bytes());
        tar.extend_from_slice(content);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&tar).unwrap();
    gzip.finish().unwrap()
}

fn manifest(name: &str, version: &str, dependencies: &str) -> Vec<u8> {
    format!(r#"{{"name":"{name}","version":"{version}","fhirVersions":["4.0.1"],"dependencies":{{{dependencies}}}}}"#).into_bytes()
}

/// Every file and link below a folder.
fn below(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
            found.insert(entry.path());
        }
    }
    found
}

fn assert_usable(catalogue: &Catalogue, short_name: &str, expectations: usize) {
    let [guide] = catalogue.guides() else { panic!("{:?}", catalogue.guides()) };
    assert_eq!((guide.short_name.as_str(), guide.embedded), (short_name, false));
    assert_eq!(catalogue.expectations().len(), expectations, "{guide:?}");
    let profiles = catalogue.profiles();
    assert!(!profiles.is_empty(), "{guide:?}");
    for entry in &profiles {
        let profile = catalogue.profile(&format!("{}|{}", entry.url, entry.version)).unwrap();
        assert!(!profile.elements.is_empty(), "{}", entry.url);
    }
    for (_, capability) in catalogue.expectations() {
        for resource_type in capability.resources.keys() {
            assert!(catalogue.is_resource_type(resource_type), "{resource_type}");
            assert!(!catalogue.search_parameters(resource_type).is_empty(), "{resource_type}");
        }
    }
    assert!(catalogue.search_parameter("Patient", "birthdate").is_some());
}

#[test]
fn other_guides_load_from_a_package_file() {
    for (file, guide, short_name, expectations) in OTHERS {
        let catalogue = Catalogue::load(&[id(guide)], &given(shared(file))).unwrap();
        assert_usable(&catalogue, short_name, *expectations);
        assert!(
            !catalogue.missing().iter().any(|missing| missing.guide.package.starts_with("hl7.fhir.us.core")),
            "{:?}",
            catalogue.missing()
        );
        for missing in catalogue.missing() {
            assert!(missing.reason.contains("was not found (looked in:"), "{missing:?}");
        }
    }
}

#[test]
fn other_guides_load_from_the_cache_and_from_a_folder() {
    let folder = TempDir::new().unwrap();
    let offline = Sources { cache: Some(folder.path().to_owned()), ..Sources::default() };
    for (file, guide, short_name, expectations) in OTHERS {
        let mut said = Vec::new();
        perform(&PackagesCommand::Add { packages: vec![shared(file)] }, &offline, &mut said).unwrap();
        assert!(String::from_utf8(said).unwrap().starts_with(guide));
        assert_usable(&Catalogue::load(&[id(guide)], &offline).unwrap(), short_name, *expectations);
        let unpacked = given(folder.path().join(guide));
        assert_usable(&Catalogue::load(&[id(guide)], &unpacked).unwrap(), short_name, *expectations);
    }
    let cached: Vec<String> = cache::list(folder.path()).unwrap().iter().map(GuideId::to_string).collect();
    assert_eq!(cached.len(), OTHERS.len());
    let top: BTreeSet<String> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(top, cached.into_iter().collect(), "nothing half-made stays behind");
    let pdex = Catalogue::load(&[id("hl7.fhir.us.davinci-pdex#2.0.0")], &offline).unwrap();
    let missing: Vec<&str> = pdex.missing().iter().map(|missing| missing.guide.package.as_str()).collect();
    assert!(missing.contains(&"hl7.fhir.us.davinci-hrex"), "{missing:?}");
    assert!(!missing.contains(&"hl7.fhir.us.davinci-pas"), "the cache has it: {missing:?}");
}

#[test]
fn a_registry_is_asked_for_the_guide_and_its_dependencies_once() {
    let folder = TempDir::new().unwrap();
    let formulary = fs::read(shared("hl7.fhir.us.davinci-drug-formulary-2.0.1.tgz")).unwrap();
    let plan_net = fs::read(shared("hl7.fhir.us.davinci-pdex-plan-net-1.1.0.tgz")).unwrap();
    let pages = [
        ("hl7.fhir.us.davinci-drug-formulary", br#"{"dist-tags":{"latest":"2.0.1"}}"#.to_vec()),
        ("hl7.fhir.us.davinci-drug-formulary/2.0.1", formulary),
        ("hl7.fhir.us.davinci-pdex-plan-net/1.1.0", plan_net),
    ];
    let (sources, registry) = with_registry(&pages, Some(folder.path()));
    let catalogue = Catalogue::load(&[id("hl7.fhir.us.davinci-drug-formulary#latest")], &sources).unwrap();
    assert_usable(&catalogue, "drug-formulary", 1);
    assert_eq!(catalogue.guides()[0].id, id("hl7.fhir.us.davinci-drug-formulary#2.0.1"));
    assert!(catalogue.profile("http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/plannet-Location").is_some());
    let missing: Vec<&str> = catalogue.missing().iter().map(|missing| missing.guide.package.as_str()).collect();
    assert!(missing.contains(&"hl7.fhir.us.davinci-hrex"), "{missing:?}");
    assert!(catalogue.missing().iter().all(|missing| missing.reason.contains("status 404")), "{:?}", catalogue.missing());
    let asked = registry.asked.lock().unwrap().clone();
    assert!(!asked.iter().any(|url| url.contains("us.core") || url.contains("r4.core")), "embedded ones are not fetched: {asked:?}");
    assert_eq!(asked.iter().collect::<BTreeSet<_>>().len(), asked.len(), "{asked:?}");

    let (offline, _) = with_registry(&[], Some(folder.path()));
    let again = Catalogue::load(&[id("hl7.fhir.us.davinci-drug-formulary#2.0.1")], &Sources { registry: None, ..offline }).unwrap();
    assert_usable(&again, "drug-formulary", 1);
}

#[test]
fn embedded_guides_need_neither_cache_nor_registry() {
    let (sources, registry) = with_registry(&[], None);
    let catalogue = Catalogue::load(&[id("hl7.fhir.us.carin-bb#2.0.0")], &sources).unwrap();
    assert!(catalogue.guides()[0].embedded);
    assert!(registry.asked.lock().unwrap().is_empty());
}

#[test]
fn a_package_given_by_hand_counts_before_the_embedded_one() {
    let catalogue = Catalogue::load(&[id("hl7.fhir.us.carin-bb#2.0.0")], &given(shared("hl7.fhir.us.carin-bb-2.0.0-dev-nonfinancial.tgz")));
    let catalogue = catalogue.unwrap();
    assert!(!catalogue.guides()[0].embedded);
    assert_eq!(catalogue.profiles().len(), 16);
}

#[test]
fn a_single_conformance_resource_adds_to_the_guides() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("parameter.json");
    fs::write(
        &file,
        r#"{"resourceType":"SearchParameter","url":"http://payer.example/SearchParameter/plan","code":"plan","base":["Coverage"],"type":"string","expression":"Coverage.class.value"}"#,
    )
    .unwrap();
    let catalogue = Catalogue::load(&[id("hl7.fhir.us.carin-bb#2.0.0")], &given(file.clone())).unwrap();
    assert_eq!(catalogue.search_parameter("Coverage", "plan").unwrap().url, "http://payer.example/SearchParameter/plan");
    assert_eq!(catalogue.guides().len(), 1);
    assert_eq!(Sources::identify(&file).unwrap(), None);
    fs::write(&file, r#"{"resourceType":"Patient"}"#).unwrap();
    let error = Catalogue::load(&[], &given(file.clone())).unwrap_err().to_string();
    assert!(error.contains("is a `Patient`") && error.contains("parameter.json"), "{error}");
    fs::write(&file, "<html>").unwrap();
    let error = Catalogue::load(&[], &given(file)).unwrap_err().to_string();
    assert!(error.contains("neither a package archive"), "{error}");
}

#[test]
fn a_guide_that_is_nowhere_is_an_error_that_says_where_was_looked() {
    let folder = TempDir::new().unwrap();
    let sources = Sources { cache: Some(folder.path().to_owned()), ..Sources::default() };
    let error = Catalogue::load(&[id("hl7.fhir.us.nowhere#1.0.0")], &sources).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, GuideError::NotFound { .. }), "{error:?}");
    assert!(text.contains("embedded catalogues; package cache") && text.contains("offline") && text.contains("--package"), "{text}");
    for inexact in ["current", "1.0.x", "dev"] {
        let error = Catalogue::load(&[GuideId::new("hl7.fhir.us.core", inexact)], &sources).unwrap_err();
        assert!(matches!(error, GuideError::InexactVersion { .. }), "{error:?}");
    }
    for odd in ["hl7.fhir.us.core", "#1", "a#", "../a#1", "a/b#1.0", "a#1/../../b", "a b#1"] {
        assert!(matches!(odd.parse::<GuideId>(), Err(GuideError::NotAGuideId { .. })), "{odd}");
    }
}

#[test]
fn hostile_packages_are_refused_and_nothing_is_written() {
    let good = manifest("x.y", "1.0.0", "");
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("up", archive(&[("package/package.json", b'0', &good), ("package/../../../evil", b'0', b"x")]), "leaves the package"),
        ("absolute", archive(&[("package/package.json", b'0', &good), ("/tmp/payerspec-evil", b'0', b"x")]), "absolute path"),
        ("symlink", archive(&[("package/package.json", b'0', &good), ("package/link", b'2', b"")]), "symbolic link"),
        ("hardlink", archive(&[("package/package.json", b'0', &good), ("package/link", b'1', b"")]), "hard link"),
        ("device", archive(&[("package/package.json", b'0', &good), ("package/null", b'3', b"")]), "device"),
        ("json", archive(&[("package/package.json", b'0', &good), ("package/a.json", b'0', b"{oops")]), "is not JSON"),
        ("manifest", archive(&[("package/package.json", b'0', b"[]")]), "has no `name`"),
        ("naming", archive(&[("package/package.json", b'0', &manifest("../x", "1", ""))]), "no package id"),
        ("none", archive(&[("package/a.json", b'0', b"{}")]), "no package/package.json"),
        ("text", b"not an archive".to_vec(), "archive is broken"),
        ("cut", archive(&[("package/package.json", b'0', &good)])[..40].to_vec(), "archive is broken"),
    ];
    for (name, packed, expected) in cases {
        let world = TempDir::new().unwrap();
        let file = world.path().join("p.tgz");
        fs::write(&file, &packed).unwrap();
        let folder = world.path().join("deep/er/cache");
        fs::create_dir_all(&folder).unwrap();
        let before = below(world.path());
        let wanted = id("x.y#1.0.0");

        let (online, _) = with_registry(&[("x.y/1.0.0", packed.clone())], Some(&folder));
        let fetched = Catalogue::load(std::slice::from_ref(&wanted), &online).unwrap_err().to_string();
        let added = perform(&PackagesCommand::Add { packages: vec![file.clone()] }, &online, &mut Vec::new()).unwrap_err().to_string();
        for error in [&fetched, &added] {
            assert!(error.contains(expected), "{name}: {error}");
        }
        assert!(fetched.contains("https://registry.example/x.y/1.0.0") && added.contains("p.tgz"), "{name}: {fetched} {added}");
        assert_eq!(below(world.path()), before, "{name}: something was written");
        assert!(!Path::new("/tmp/payerspec-evil").exists());
        if name != "text" {
            let opened = Catalogue::load(&[wanted], &given(file)).unwrap_err().to_string();
            assert!(opened.contains(expected), "{name}: {opened}");
        }
    }
}

#[test]
fn a_registry_that_gives_another_package_is_not_believed() {
    let folder = TempDir::new().unwrap();
    let other = archive(&[("package/package.json", b'0', &manifest("other", "9.9.9", ""))]);
    let (sources, _) = with_registry(&[("x.y/1.0.0", other)], Some(folder.path()));
    let error = Catalogue::load(&[id("x.y#1.0.0")], &sources).unwrap_err();
    assert!(matches!(&error, GuideError::OtherPackage { found, .. } if found.package == "other"), "{error:?}");
    assert!(below(folder.path()).is_empty());

    let r5 = br#"{"name":"x.y","version":"1.0.0","fhirVersions":["5.0.0"]}"#;
    let (sources, _) = with_registry(&[("x.y/1.0.0", archive(&[("package/package.json", b'0', r5)]))], Some(folder.path()));
    assert!(matches!(Catalogue::load(&[id("x.y#1.0.0")], &sources), Err(GuideError::NotR4 { .. })));
    assert!(below(folder.path()).is_empty());
}

#[test]
fn a_link_in_the_cache_is_not_followed() {
    let world = TempDir::new().unwrap();
    let home = world.path().join("cache/x.y#1.0.0/package");
    fs::create_dir_all(&home).unwrap();
    fs::write(home.join("package.json"), manifest("x.y", "1.0.0", "")).unwrap();
    fs::write(world.path().join("secret.json"), "{}").unwrap();
    let sources = Sources { cache: Some(world.path().join("cache")), ..Sources::default() };
    assert!(Catalogue::load(&[id("x.y#1.0.0")], &sources).is_ok());
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(world.path().join("secret.json"), home.join("linked.json")).unwrap();
        let error = Catalogue::load(&[id("x.y#1.0.0")], &sources).unwrap_err();
        assert!(matches!(&error, GuideError::UnsafeEntry { entry, .. } if entry == "linked.json"), "{error:?}");
    }
}

#[test]
fn dependencies_in_a_circle_end() {
    let a = archive(&[("package/package.json", b'0', &manifest("a", "1.0.0", r#""b":"1.0.0""#))]);
    let b = archive(&[("package/package.json", b'0', &manifest("b", "1.0.0", r#""a":"1.0.0","c":"1.0.x""#))]);
    let (sources, _) = with_registry(&[("a/1.0.0", a), ("b/1.0.0", b)], None);
    let catalogue = Catalogue::load(&[id("a#1.0.0")], &sources).unwrap();
    let [missing] = catalogue.missing() else { panic!("{:?}", catalogue.missing()) };
    assert_eq!((missing.guide.package.as_str(), missing.needed_by.package.as_str()), ("c", "b"));
    assert!(missing.reason.contains("exact version"), "{}", missing.reason);
}

#[test]
fn compile_writes_the_same_files_each_time() {
    let folder = TempDir::new().unwrap();
    let package = shared("hl7.fhir.us.carin-bb-2.0.0.tgz");
    let (once, twice) = (folder.path().join("once"), folder.path().join("twice"));
    for into in [&once, &twice] {
        let command = PackagesCommand::Compile { packages: vec![package.clone()], into: into.clone() };
        perform(&command, &Sources::default(), &mut Vec::new()).unwrap();
    }
    let files: Vec<PathBuf> = below(&once).into_iter().filter(|path| path.is_file()).collect();
    assert_eq!(files.len(), 8);
    for file in files {
        let name = file.strip_prefix(&once).unwrap();
        assert_eq!(fs::read(&file).unwrap(), fs::read(twice.join(name)).unwrap(), "{}", name.display());
    }
}

#[test]
fn packages_lists_what_is_embedded_and_cached() {
    let folder = TempDir::new().unwrap();
    let sources = Sources { cache: Some(folder.path().to_owned()), ..Sources::default() };
    perform(&PackagesCommand::Add { packages: vec![shared("hl7.fhir.us.davinci-pdex-2.0.0.tgz")] }, &sources, &mut Vec::new()).unwrap();
    let mut said = Vec::new();
    perform(&PackagesCommand::List, &sources, &mut said).unwrap();
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("hl7.fhir.us.carin-bb#2.0.0\tembedded\n"), "{said}");
    assert!(said.contains("hl7.fhir.us.davinci-pdex#2.0.0\t"), "{said}");
    let error = perform(&PackagesCommand::Fetch { guides: vec![id("a#1")] }, &sources, &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("registry"), "{error}");
}

#[test]
fn a_package_with_more_than_512_mib_is_refused_while_it_streams() {
    let folder = TempDir::new().unwrap();
    let manifest = manifest("x.y", "1.0.0", "");
    let zeros = vec![0; 100 << 20];
    let mut entries: Vec<(&str, u8, &[u8])> = vec![("package/package.json", b'0', &manifest)];
    entries.extend([("package/other/zeros.bin", b'0', zeros.as_slice()); 6]);
    let bomb = archive(&entries);
    assert!(bomb.len() < 8 << 20);
    let (sources, _) = with_registry(&[("x.y/1.0.0", bomb)], Some(folder.path()));
    let error = Catalogue::load(&[id("x.y#1.0.0")], &sources).unwrap_err();
    assert!(matches!(error, GuideError::TooLarge { .. }), "{error:?}");
    assert!(error.to_string().contains("512 MiB unpacked"), "{error}");
    assert!(below(folder.path()).is_empty());

    let one = archive(&[("package/package.json", b'0', &manifest), ("package/zeros.bin", b'0', &vec![0; 129 << 20])]);
    let (sources, _) = with_registry(&[("x.y/1.0.0", one)], Some(folder.path()));
    let error = Catalogue::load(&[id("x.y#1.0.0")], &sources).unwrap_err().to_string();
    assert!(error.contains("128 MiB in one file, `package/zeros.bin`"), "{error}");
}
