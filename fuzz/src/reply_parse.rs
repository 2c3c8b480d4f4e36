//! How replies are read, whatever they hold; and what the service writes, read back.

use std::collections::BTreeSet;

use mfa_reference::wire::{Documented, Renderer};
use mfa_reference::{
    AccessKeyEntry, DeviceExtras, ErrorCode, MfaDeviceEntry, Operation, Outcome, Page, QrCode, SuccessBody, Tag,
    UserEntry, VirtualDeviceEntry,
};

use crate::agree::agree_on;
use mfa_conformance::transport::HttpReply;
use mfa_conformance::wire::xml::{Element, Node, decode, parse};
use mfa_conformance::wire::{Answer, Envelope, KeptBody, Observed, Reply, read};

/// How bytes break the property.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// roxmltree reads the document otherwise.
    #[error("roxmltree doesn't agree: {0}")]
    Disagreement(String),
    /// A reply is taken that is not text at all.
    #[error("{0:?} is read though the body isn't in the encoding that it declares")]
    NoText(Box<Observed>),
    /// More comes out than went in.
    #[error("of {bytes} bytes, {held} are held: {what}")]
    Grown {
        /// How long the body is.
        bytes: usize,
        /// What is too long.
        what: &'static str,
        /// How long that is.
        held: usize,
    },
    /// What the service wrote is read as something else.
    #[error("{outcome:?}, of {operation}, is read as {read:?} and not as {expected:?}")]
    RoundTrip {
        /// The operation.
        operation: Operation,
        /// What was written.
        outcome: Box<Outcome>,
        /// What was read.
        read: Box<Observed>,
        /// What should have been.
        expected: Box<Observed>,
    },
}

/// Any bytes as a reply to any operation are read without a panic, holding no more than they are, and only if roxmltree
/// takes them too; any texts that the service tells come back as they were told.
///
/// The low five bits of the first byte say the operation (`a` is the first). If it is a lower-case letter, the rest is
/// the body. Otherwise the rest are texts, the byte 255 between them, of a success (or of an error, behind the last
/// operation), which the service writes.
///
/// # Errors
/// How the bytes break this.
pub fn holds(bytes: &[u8]) -> Result<(), Broken> {
    let (which, rest) = bytes.split_first().unwrap_or((&b'a', &[]));
    let number = usize::from(which & 0x1f).saturating_sub(1);
    let operation = Operation::ALL.get(number);
    if which & 0x20 == 0 {
        comes_back(operation.copied(), &mut Texts::new(rest))
    } else {
        received(operation.copied().unwrap_or(Operation::EnableMfaDevice), rest)
    }
}

fn http(status: u16, body: &[u8]) -> HttpReply {
    HttpReply {
        status,
        content_type: Some("text/xml".to_owned()),
        date: None,
        body: body.to_vec(),
        retried: false,
        retry_after: None,
    }
}

fn received(operation: Operation, body: &[u8]) -> Result<(), Broken> {
    let observed = read(operation, http(200, body));
    let bounded = |what, held, most| {
        if held <= most { Ok(()) } else { Err(Broken::Grown { bytes: body.len(), what, held }) }
    };
    match decode(body, Some("text/xml")) {
        Ok(text) => {
            let parsed = parse(&text);
            agree_on(&parsed, &text).map_err(Broken::Disagreement)?;
            bounded("its texts and values", parsed.map_or(0, |root| held_by(&root)), text.len())?;
        }
        Err(_) if matches!(observed, Observed::Unreadable { .. }) => {}
        Err(_) => return Err(Broken::NoText(Box::new(observed))),
    }
    match &observed {
        Observed::Reply(Reply { envelope, .. }) => {
            let told: usize = envelope.unclaimed.iter().map(String::len).sum();
            bounded("paths of what nothing claims", told, 20_000)?;
            bounded("the canonical form", envelope.canonical().len(), 8_300)
        }
        Observed::Unreadable { why, body, .. } => {
            bounded("why it can't be read", why.len(), 2_000)?;
            bounded("the excerpt of the body", body.chars().count(), 2_000)
        }
        Observed::Broken(_) => Ok(()),
    }
}

/// How long all texts and values of attributes below an element are, in bytes: nothing in XML without a DTD is longer
/// than what stands for it.
fn held_by(element: &Element<'_>) -> usize {
    let attributes: usize = element.attributes.iter().map(|attribute| attribute.value.len()).sum();
    let children = element.children.iter().map(|node| match node {
        Node::Element(child) => held_by(child),
        Node::Text(text) => text.len(),
    });
    attributes + children.sum::<usize>()
}

/// The texts of a reply, one after another; behind the last, empty ones.
struct Texts<'a>(std::slice::Split<'a, u8, fn(&u8) -> bool>);

impl<'a> Texts<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.split(|byte| *byte == 0xff))
    }

    /// The next text, as XML can hold it: U+FFFD stands for what it can't.
    fn any(&mut self) -> String {
        let text = String::from_utf8_lossy(self.0.next().unwrap_or_default());
        let holds = |character| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
        text.chars().map(|character| if holds(character) { character } else { '\u{fffd}' }).collect()
    }

    /// The same, for what names something: never blank.
    fn name(&mut self) -> String {
        let text = self.any();
        if text.trim_matches([' ', '\t', '\n', '\r']).is_empty() { format!("name{text}") } else { text }
    }

    fn user(&mut self) -> UserEntry {
        UserEntry {
            user_name: self.name(),
            arn: self.any(),
            user_id: self.any(),
            path: self.any(),
            create_date: self.any(),
            tags: Vec::new(),
        }
    }

    fn key(&mut self, secret: bool) -> AccessKeyEntry {
        AccessKeyEntry {
            user_name: self.any(),
            access_key_id: self.name(),
            secret_access_key: secret.then(|| self.name()),
            create_date: self.any(),
        }
    }

    fn tags(&mut self) -> Vec<Tag> {
        let count = self.any().len() % 3;
        (0..count).map(|_| Tag { key: self.any(), value: self.any() }).collect()
    }

    /// A page of up to three elements.
    fn page<T>(&mut self, item: fn(&mut Self) -> T) -> Page<T> {
        let form = self.any();
        let items = (0..form.len() % 4).map(|_| item(self)).collect();
        Page { items, next: form.starts_with('m').then(|| self.name()) }
    }

    fn body(&mut self, operation: Operation) -> SuccessBody {
        match operation {
            Operation::EnableMfaDevice
            | Operation::ResyncMfaDevice
            | Operation::DeactivateMfaDevice
            | Operation::UpdateUser
            | Operation::DeleteUser
            | Operation::DeleteVirtualMfaDevice
            | Operation::DeleteAccessKey => SuccessBody::Empty,
            Operation::CreateUser | Operation::GetUser => SuccessBody::User(self.user()),
            Operation::ListUsers => SuccessBody::Users(self.page(Self::user)),
            Operation::CreateVirtualMfaDevice => {
                let (serial_number, seed_blob) = (self.name(), self.any());
                let extras = DeviceExtras { qr_code: QrCode::from_blob(&self.any()), tags: self.tags() };
                SuccessBody::VirtualDevice { serial_number, seed_blob, extras }
            }
            Operation::ListMfaDevices => SuccessBody::MfaDevices(self.page(|texts| MfaDeviceEntry {
                user_name: texts.name(),
                serial_number: texts.any(),
                enable_date: texts.name(),
            })),
            Operation::ListVirtualMfaDevices => SuccessBody::VirtualDevices(self.page(|texts| {
                let (serial_number, owned) = (texts.name(), texts.any().is_empty());
                let user = owned.then(|| texts.user());
                VirtualDeviceEntry {
                    serial_number,
                    user,
                    enable_date: owned.then(|| texts.name()),
                    ..VirtualDeviceEntry::default()
                }
            })),
            Operation::CreateAccessKey => SuccessBody::AccessKey(self.key(true)),
            Operation::ListAccessKeys => SuccessBody::AccessKeys(self.page(|texts| texts.key(false))),
        }
    }
}

fn comes_back(operation: Option<Operation>, texts: &mut Texts<'_>) -> Result<(), Broken> {
    let request_id = texts.any();
    let (operation, outcome) = if let Some(operation) = operation {
        (operation, Outcome::Success(texts.body(operation)))
    } else {
        let which = texts.any().len() % ErrorCode::ALL.len();
        let code = ErrorCode::ALL.get(which).copied().unwrap_or(ErrorCode::NoSuchEntity);
        (Operation::EnableMfaDevice, Outcome::Error { code, message: texts.any() })
    };
    let response = Documented.render(Some(operation), &outcome, &request_id);
    let (status, answer) = match outcome.clone() {
        Outcome::Success(body) => (200, Answer::Success(body)),
        Outcome::Error { code, message } => {
            let kind = if code.status() < 500 { "Sender" } else { "Receiver" };
            let (code, kind) = (code.as_str().to_owned(), Some(kind.to_owned()));
            (response.status, Answer::Error { code, message: Some(message), kind })
        }
    };
    let envelope = Envelope {
        namespace: Some("https://iam.amazonaws.com/doc/2010-05-08/".into()),
        flaws: BTreeSet::new(),
        result_first: matches!(answer, Answer::Success(ref body) if *body != SuccessBody::Empty).then_some(true),
        request_id: Some(request_id.trim_matches([' ', '\t', '\n', '\r']).to_owned()),
        content_type: Some("text/xml".to_owned()),
        unclaimed: Vec::new(),
        body: KeptBody::of(String::from_utf8_lossy(&response.body).into_owned()),
    };
    let read = read(operation, http(response.status, &response.body));
    let expected = Observed::Reply(Reply { status, answer, envelope });
    if read == expected {
        return Ok(());
    }
    let (outcome, read, expected) = (Box::new(outcome), Box::new(read), Box::new(expected));
    Err(Broken::RoundTrip { operation, outcome, read, expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_every_operation_come_back() {
        for number in 0..32_u8 {
            assert_eq!(
                holds(&[&[0x40 + number][..], b" id\xffmab\xff \xff<&>\xff\r\n\xff\0\xff]]>\xff"].concat()),
                Ok(())
            );
        }
    }

    /// Were the time quadratic in the length anywhere, each of these would take minutes.
    #[test]
    fn a_quarter_of_a_megabyte_of_anything_is_read() {
        for piece in
            ["<a>", "<a b='c'>", "<a b='c'/>", "x", "&amp;", "&", "<!--", "<!-- -->", "<?x?>", "]]>", "<![CDATA["]
        {
            for (before, after) in [("a", ""), ("a<r>", "</r>"), ("a<r b='", "'/>"), ("a<r ", "/>")] {
                let body = [before, &piece.repeat((1 << 18) / piece.len()), after].concat();
                assert_eq!(holds(body.as_bytes()), Ok(()), "{before}{piece}…{after}");
            }
        }
        for kind in ["a", "xmlns:a"] {
            let attributes: Vec<String> = (0..60_000).map(|number| format!(" {kind}{number}='b'")).collect();
            // Of so many, roxmltree compares each with each.
            assert!(parse(&format!("<r{}/>", attributes.concat())).is_err(), "{kind}");
        }
    }

    #[test]
    fn a_body_that_would_grow_is_told() {
        // Where each half of a pair of references stood for more than its own length.
        let root = parse("<a b='&#38;&lt;'>&gt;</a>").unwrap();
        assert_eq!(held_by(&root), 3);
    }
}
