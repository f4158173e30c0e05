//! Greets a server in a version of TLS that no library speaks any more, and looks whether it goes on in it.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::border::Border;
use crate::check::transport::Hello;

/// Cipher suites of those versions that servers had in common.
const SUITES: [u16; 7] = [0xc013, 0xc014, 0xc009, 0xc00a, 0x002f, 0x0035, 0x000a];
/// The head of a record, and of the handshake message in it, up to the version (RFC 5246 sections 6.2.1 and 7.4).
const HEAD: usize = 11;
/// Types of records.
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
/// The type of a ServerHello.
const SERVER_HELLO: u8 = 2;

/// Sends one greeting, reads the head of the answer, and hangs up.
pub(super) async fn greet(border: &Border, host: &str, port: u16, version: [u8; 2], patience: Duration) -> Hello {
    let late = || Hello::Unclear("no answer in time".to_owned());
    let talk = async {
        let addresses = match border.addresses(host, port).await {
            Ok(addresses) => addresses,
            Err(error) => return Hello::Unclear(error.to_string()),
        };
        let mut socket = match TcpStream::connect(addresses.as_slice()).await {
            Ok(socket) => socket,
            Err(error) => return Hello::Unclear(error.to_string()),
        };
        if let Err(error) = socket.write_all(&client_hello(host, version)).await {
            return Hello::Unclear(error.to_string());
        }
        let mut head = [0; HEAD];
        let mut read = 0;
        while let Some(rest) = head.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match socket.read(rest).await {
                Ok(0) | Err(_) => break,
                Ok(more) => read += more,
            }
        }
        verdict(head.get(..read).unwrap_or_default(), version)
    };
    timeout(patience, talk).await.unwrap_or_else(|_| late())
}

/// What the first bytes of an answer mean. A server that hangs up without a word refuses.
fn verdict(head: &[u8], version: [u8; 2]) -> Hello {
    match head {
        [] | [ALERT, ..] => Hello::Refused,
        [HANDSHAKE, _, _, _, _, SERVER_HELLO, _, _, _, major, minor] if [*major, *minor] == version => Hello::Accepted,
        [HANDSHAKE, ..] => Hello::Refused,
        _ => Hello::Unclear("the answer is no TLS".to_owned()),
    }
}

/// A ClientHello (RFC 4346 section 7.4.1.2) in one record. Its random part is fixed: nothing secret follows.
fn client_hello(host: &str, version: [u8; 2]) -> Vec<u8> {
    let mut hello = version.to_vec();
    hello.extend([0x5a; 32]);
    hello.push(0);
    hello.extend(with_length(SUITES.iter().flat_map(|suite| suite.to_be_bytes()).collect()));
    hello.extend([1, 0]);
    let mut extensions = Vec::new();
    if host.starts_with(|first: char| first.is_ascii_alphabetic()) {
        let name: Vec<u8> = std::iter::once(0).chain(with_length(host.as_bytes().to_vec())).collect();
        extend(&mut extensions, 0, with_length(name));
    }
    extend(&mut extensions, 10, with_length([29_u16, 23, 24].iter().flat_map(|group| group.to_be_bytes()).collect()));
    extend(&mut extensions, 11, vec![1, 0]);
    extend(&mut extensions, 0xff01, vec![0]);
    hello.extend(with_length(extensions));
    let mut message = vec![1, 0];
    message.extend(with_length(hello));
    let mut record = vec![HANDSHAKE, 3, 1];
    record.extend(with_length(message));
    record
}

fn extend(extensions: &mut Vec<u8>, kind: u16, content: Vec<u8>) {
    extensions.extend(kind.to_be_bytes());
    extensions.extend(with_length(content));
}

/// The content after its length in two bytes.
fn with_length(content: Vec<u8>) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    length.to_be_bytes().into_iter().chain(content).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_a_greeting_add_up() {
        for host in ["payer.example", "127.0.0.1"] {
            let record = client_hello(host, [3, 1]);
            let length = |at: usize| usize::from(u16::from_be_bytes([record[at], record[at + 1]]));
            assert_eq!(length(3), record.len() - 5);
            assert_eq!((record[5], record[6]), (1, 0));
            assert_eq!(length(7), record.len() - 9);
            assert_eq!(record[9..11], [3, 1]);
            assert_eq!(record.windows(13).any(|window| window == b"payer.example"), host == "payer.example");
        }
    }

    #[tokio::test]
    async fn who_is_in_a_private_network_is_greeted_only_when_named() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let greeted = |known: String| async move {
            let border = Border::new([url::Url::parse(&known).unwrap()]);
            greet(&border, "localhost", port, [3, 1], Duration::from_millis(200)).await
        };
        let Hello::Unclear(reason) = greeted("https://payer.example".to_owned()).await else { panic!("greeted") };
        assert!(reason.contains("--allow-origin"), "{reason}");
        assert!(timeout(Duration::from_millis(50), listener.accept()).await.is_err());
        assert_eq!(greeted(format!("https://localhost:{port}")).await, Hello::Unclear("no answer in time".to_owned()));
        assert!(timeout(Duration::from_millis(50), listener.accept()).await.is_ok());
    }

    #[test]
    fn an_answer_is_read_by_its_first_bytes() {
        assert_eq!(verdict(&[], [3, 1]), Hello::Refused);
        assert_eq!(verdict(&[21, 3, 1, 0, 2, 2, 70], [3, 1]), Hello::Refused);
        assert_eq!(verdict(&[22, 3, 1, 0, 80, 2, 0, 0, 76, 3, 1], [3, 1]), Hello::Accepted);
        assert_eq!(verdict(&[22, 3, 3, 0, 80, 2, 0, 0, 76, 3, 3], [3, 2]), Hello::Refused);
        assert!(matches!(verdict(b"HTTP/1.1 40", [3, 1]), Hello::Unclear(_)));
    }
}
