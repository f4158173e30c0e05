//! Where a server may send the run on to: to the public network, and into a private one only where the user allows it.

use std::io;
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

/// What lies in a private network, and was not named.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is in a private network; --allow-origin lets the run go there")]
pub(super) struct Beyond(pub String);

impl Border {
    /// Around origins that may be asked wherever they are.
    pub fn new(known: impl IntoIterator<Item = Url>) -> Self {
        Self { known: known.into_iter().collect() }
    }

    /// Whether a URL is on an origin that the user named, or on a host that may be public.
    ///
    /// # Errors
    /// The origin, when it is neither.
    pub async fn admit(&self, url: &Url) -> Result<(), Beyond> {
        if self.known.iter().any(|known| address::same_origin(known, url)) {
            return Ok(());
        }
        let may_be_public = match url.host() {
            Some(Host::Domain(name)) if is_local_name(name) => false,
            // Its addresses are let through whatever they are, for the sake of the port that was named: here is another one.
            Some(Host::Domain(name)) if self.knows(name) => {
                let found = tokio::net::lookup_host((name, url.port_or_known_default().unwrap_or_default())).await;
                // What does not resolve is told when it is asked.
                found.map_or(true, |found| found.into_iter().all(|address| is_public(address.ip())))
            }
            // It is looked at again when it is resolved.
            Some(Host::Domain(_)) => true,
            Some(Host::Ipv4(address)) => is_public(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => is_public(IpAddr::V6(address)),
            None => false,
        };
        may_be_public.then_some(()).ok_or_else(|| Beyond(address::origin(url)))
    }

    /// The addresses of a host that may be connected to: all of one that the user named, and the public ones of any other.
    ///
    /// # Errors
    /// The host does not resolve, or has private addresses only ([`Beyond`]).
    pub async fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let found = tokio::net::lookup_host((host.trim_matches(['[', ']']), port)).await?;
        let is_known = self.knows(host);
        let usable: Vec<SocketAddr> = found.filter(|address| is_known || is_public(address.ip())).collect();
        if usable.is_empty() { Err(io::Error::other(Beyond(host.to_owned()))) } else { Ok(usable) }
    }

    fn knows(&self, host: &str) -> bool {
        self.known.iter().any(|known| known.host_str().is_some_and(|known| known.eq_ignore_ascii_case(host)))
    }
}

impl Resolve for Border {
    fn resolve(&self, name: Name) -> Resolving {
        let border = self.clone();
        Box::pin(async move { Ok(Box::new(border.addresses(name.as_str(), 0).await?.into_iter()) as Addrs) })
    }
}

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
    use super::super::client::Recipe;
    use super::super::config::TargetConfig;
    use super::super::fault::Fault;
    use super::*;

    async fn lets_through(url: &str) -> bool {
        let known = ["https://payer.example/fhir", "http://10.0.0.1:8080/", "https://10.0.0.2/", "http://localhost:8080/"];
        Border::new(known.map(|url| Url::parse(url).unwrap())).admit(&Url::parse(url).unwrap()).await.is_ok()
    }

    #[tokio::test]
    async fn private_addresses_are_beyond_the_border_unless_named() {
        for url in [
            "https://payer.example/x",
            "http://10.0.0.1:8080/x",
            "http://payer.example/x",
            "http://localhost:8080/x",
            "https://other.example/x",
            "http://93.184.215.14/",
            "http://[2606:2800::1]/",
        ] {
            assert!(lets_through(url).await, "{url}");
        }
        for url in [
            "http://10.0.0.1/x",
            "https://10.0.0.2:8443/",
            "http://localhost:9090/",
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
            assert!(!lets_through(url).await, "{url}");
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

    /// A host name is resolved by the client on its way: what is wrong then is told as what it is.
    #[tokio::test]
    async fn the_client_tells_a_private_address_as_what_it_is() {
        let config = TargetConfig::of_base("https://payer.example").unwrap();
        let client = Recipe::new(&config, config.border()).unwrap().client().unwrap();
        let url = Url::parse("http://localhost:9/").unwrap();
        let fault = Fault::read(&client.get(url.clone()).send().await.unwrap_err(), &url, &config.limits);
        let said = fault.error.to_string();
        assert!(said.contains("localhost is in a private network; --allow-origin") && !said.contains("spelling"), "{said}");
        assert!(!fault.retry);
    }
}
