//! Where a server may send the run on to: to the public network, and into a private one only where the user allows it.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::address;

/// The origins that the user named.
#[derive(Clone, Debug, Default)]
pub(super) struct Border {
    known: Arc<[Url]>,
}

/// A host name that only leads into a private network.
#[derive(Debug)]
struct Private(String);

impl Border {
    /// Around origins that may be asked wherever they are.
    pub fn new(known: impl IntoIterator<Item = Url>) -> Self {
        Self { known: known.into_iter().collect() }
    }

    /// Whether a URL is on an origin that the user named, or on a host that may be public: a name is looked at again when it is resolved.
    pub fn lets_through(&self, url: &Url) -> bool {
        self.known.iter().any(|known| address::same_origin(known, url))
            || match url.host() {
                Some(Host::Domain(name)) => !is_local_name(name),
                Some(Host::Ipv4(address)) => is_public(IpAddr::V4(address)),
                Some(Host::Ipv6(address)) => is_public(IpAddr::V6(address)),
                None => false,
            }
    }
}

impl Resolve for Border {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let is_known = self.known.iter().any(|known| known.host_str().is_some_and(|known| known.eq_ignore_ascii_case(&host)));
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let usable: Vec<SocketAddr> = found.filter(|address| is_known || is_public(address.ip())).collect();
            if usable.is_empty() {
                return Err(Box::new(Private(host)) as Box<dyn Error + Send + Sync>);
            }
            Ok(Box::new(usable.into_iter()) as Addrs)
        })
    }
}

impl fmt::Display for Private {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} is in a private network; --allow-origin lets the run go there", self.0)
    }
}

impl Error for Private {}

fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || name.ends_with(".local") || name.ends_with(".internal")
}

/// Whether an address is one of the public network (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match (address.to_ipv4_mapped(), address.segments()) {
            (Some(mapped), _) => is_public_v4(mapped),
            // Addresses that carry one of version 4: by translation (RFC 6052) and by tunnel (RFC 3056).
            (None, [0x64, 0xff9b, 0, 0, 0, 0, high, low]) | (None, [0x2002, high, low, ..]) => is_public_v4(joined(high, low)),
            (None, segments) => is_public_v6(address, segments),
        },
    }
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_reserved = match address.octets() {
        [0, ..] | [192, 0, 0, _] | [240..=255, ..] => true,
        [100, second, ..] => (64..128).contains(&second),
        [198, second, ..] => second == 18 || second == 19,
        _ => false,
    };
    !(is_reserved || address.is_private() || address.is_loopback() || address.is_link_local() || address.is_multicast())
}

fn is_public_v6(address: Ipv6Addr, segments: [u16; 8]) -> bool {
    let [first, ..] = segments;
    let is_local = (first & 0xfe00) == 0xfc00 || (first & 0xffc0) == 0xfe80 || (first & 0xffc0) == 0xfec0;
    // The first 96 bits of zero hold what is deprecated, loopback, and nothing.
    let is_low = segments.iter().take(6).all(|segment| *segment == 0);
    !(is_local || is_low || address.is_multicast())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lets_through(url: &str) -> bool {
        let known = ["https://payer.example/fhir", "http://10.0.0.1:8080/"].map(|url| Url::parse(url).unwrap());
        Border::new(known).lets_through(&Url::parse(url).unwrap())
    }

    #[test]
    fn private_addresses_are_beyond_the_border_unless_named() {
        for url in [
            "https://payer.example/x",
            "http://10.0.0.1:8080/x",
            "https://other.example/x",
            "http://93.184.215.14/",
            "http://[2606:2800::1]/",
        ] {
            assert!(lets_through(url), "{url}");
        }
        for url in [
            "http://10.0.0.1/x",
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://0.0.0.0/",
            "http://169.254.169.254/latest/meta-data",
            "http://192.168.1.1/",
            "http://172.16.0.1/",
            "http://100.64.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://[fe80::1]/",
            "http://[fd00::1]/",
            "http://localhost/",
            "http://a.localhost./",
            "http://metadata.google.internal/",
        ] {
            assert!(!lets_through(url), "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_not_resolved_for_others() {
        let resolve = |known: &'static str| async move {
            let border = Border::new([Url::parse(known).unwrap()]);
            border.resolve("localhost".parse().unwrap()).await.map(|found| found.count())
        };
        let refused = resolve("https://payer.example").await.err().unwrap().to_string();
        assert!(refused.contains("--allow-origin"), "{refused}");
        assert!(resolve("http://localhost:8080").await.is_ok_and(|count| count > 0));
    }
}
