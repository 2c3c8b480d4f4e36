//! Finds which elements and attributes of a reply the service model claims, and lists the others.

use std::collections::BTreeSet;

use mfa_reference::Operation;

use super::escape::cut;
use super::shape::{self, Shape};
use super::xml::{Element, Node, is_blank};

/// How many unclaimed paths are kept: those that sort first.
const MAX_UNCLAIMED: usize = 20;

/// The results of the walk over a reply.
#[derive(Debug)]
pub(super) struct Claims<'a> {
    root: &'a Element<'a>,
    /// Whether every claimed element is in the root's namespace.
    pub(super) one_namespace: bool,
    /// Whether the root or a claimed element has a prefix.
    pub(super) prefixed: bool,
    /// Whether the root or a claimed element has text in a CDATA section.
    pub(super) cdata: bool,
    unclaimed: BTreeSet<String>,
}

/// The path from the root to an element.
#[derive(Clone, Copy)]
struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    name: &'p str,
}

impl Path<'_> {
    fn write(&self, text: &mut String) {
        if let Some(parent) = self.parent {
            parent.write(text);
            text.push('/');
        }
        text.push_str(self.name);
    }
}

impl<'a> Claims<'a> {
    /// The claims on an `{Op}Response`.
    pub(super) fn of_success(operation: Operation, root: &'a Element<'a>) -> Self {
        let mut claims = Self::new(root);
        let result = shape::result(operation);
        claims.fields(root, Path { parent: None, name: root.name }, |name| match name {
            "ResponseMetadata" => Some((0, Claim::Shape(&shape::METADATA))),
            name if shape::is_result(operation, name) => match result {
                Some(shape) => Some((1, Claim::Shape(shape))),
                // Forbidden content has its own clause, `wire.{op}.no-result`.
                None => operation.under_test().map(|_| (1, Claim::Content)),
            },
            _ => None,
        });
        claims
    }

    /// The claims on an `ErrorResponse`.
    pub(super) fn of_error(root: &'a Element<'a>) -> Self {
        let mut claims = Self::new(root);
        claims.walk(root, &shape::ERROR, Path { parent: None, name: root.name });
        claims
    }

    /// The unclaimed paths, sorted.
    pub(super) fn into_unclaimed(self) -> Vec<String> {
        self.unclaimed.into_iter().collect()
    }

    const fn new(root: &'a Element<'a>) -> Self {
        let Element { prefixed, cdata, .. } = *root;
        Self { root, one_namespace: true, prefixed, cdata, unclaimed: BTreeSet::new() }
    }

    fn walk(&mut self, element: &Element<'_>, shape: &'static Shape, path: Path<'_>) {
        match shape {
            Shape::Leaf => {
                self.attributes(element, path);
                for child in element.elements() {
                    self.unclaimed(path, child.name, "");
                }
            }
            Shape::Fields(fields) => self.fields(element, path, |name| {
                fields
                    .iter()
                    .enumerate()
                    .find(|(_, (known, _))| *known == name)
                    .map(|(index, (_, shape))| (index, Claim::Shape(shape)))
            }),
            Shape::Members(shape) => {
                self.attributes(element, path);
                self.stray_text(element, path);
                for child in element.elements() {
                    if child.name == "member" {
                        self.claim(child);
                        self.walk(child, shape, Path { parent: Some(&path), name: child.name });
                    } else {
                        self.unclaimed(path, child.name, "");
                    }
                }
            }
        }
    }

    /// Walks an element whose children may each occur once. `find` returns a child's number and the claim on it.
    fn fields(&mut self, element: &Element<'_>, path: Path<'_>, find: impl Fn(&str) -> Option<(usize, Claim)>) {
        self.attributes(element, path);
        self.stray_text(element, path);
        let mut seen = 0_u32;
        for child in element.elements() {
            let Some((place, claim)) = find(child.name) else {
                self.unclaimed(path, child.name, "");
                continue;
            };
            if seen & (1 << place) != 0 {
                // Only the first is read. `[2]` stands for all others.
                self.unclaimed(path, child.name, "[2]");
                continue;
            }
            seen |= 1 << place;
            match claim {
                Claim::Shape(shape) => {
                    self.claim(child);
                    self.walk(child, shape, Path { parent: Some(&path), name: child.name });
                }
                Claim::Content if has_content(child) => self.claim(child),
                Claim::Content => self.unclaimed(path, child.name, ""),
            }
        }
    }

    fn claim(&mut self, element: &Element<'_>) {
        self.one_namespace &= element.namespace == self.root.namespace;
        self.prefixed |= element.prefixed;
        self.cdata |= element.cdata;
    }

    fn attributes(&mut self, element: &Element<'_>, path: Path<'_>) {
        for attribute in &element.attributes {
            self.unclaimed(path, &format!("@{}", attribute.name), "");
        }
    }

    fn stray_text(&mut self, element: &Element<'_>, path: Path<'_>) {
        let stray = element.children.iter().any(|node| match node {
            Node::Text(text) => !is_blank(text),
            Node::Element(_) => false,
        });
        if stray {
            self.unclaimed(path, "text()", "");
        }
    }

    fn unclaimed(&mut self, parent: Path<'_>, name: &str, suffix: &str) {
        let mut path = String::new();
        Path { parent: Some(&parent), name }.write(&mut path);
        let mut path = cut(&path, 200);
        path.push_str(suffix);
        self.unclaimed.insert(path);
        if self.unclaimed.len() > MAX_UNCLAIMED {
            self.unclaimed.pop_last();
        }
    }
}

/// What the service model says about an element.
enum Claim {
    /// It has this shape.
    Shape(&'static Shape),
    /// It is claimed only if it has content.
    Content,
}

/// Whether an element contains an element or text.
pub(super) fn has_content(element: &Element<'_>) -> bool {
    element.children.iter().any(|node| match node {
        Node::Element(_) => true,
        Node::Text(text) => !is_blank(text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::xml::parse;

    fn of_success(operation: Operation, body: &str) -> (bool, Vec<String>) {
        let root = parse(body).unwrap();
        let claims = Claims::of_success(operation, &root);
        (claims.one_namespace, claims.into_unclaimed())
    }

    fn of_error(body: &str) -> (bool, Vec<String>) {
        let root = parse(body).unwrap();
        let claims = Claims::of_error(&root);
        (claims.one_namespace, claims.into_unclaimed())
    }

    #[test]
    fn a_reply_as_the_model_says_leaves_nothing_unclaimed() {
        let body = "<ListVirtualMFADevicesResponse xmlns='u'><ListVirtualMFADevicesResult><VirtualMFADevices><member>
            <SerialNumber>s</SerialNumber><EnableDate>d</EnableDate><Tags><member><Key>k</Key><Value>v</Value></member></Tags>
            <User><UserName>u</UserName><PermissionsBoundary><PermissionsBoundaryArn>a</PermissionsBoundaryArn>
            </PermissionsBoundary></User></member><member/></VirtualMFADevices><IsTruncated>false</IsTruncated>
            </ListVirtualMFADevicesResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></ListVirtualMFADevicesResponse>";
        assert_eq!(of_success(Operation::ListVirtualMfaDevices, body), (true, vec![]));
    }

    #[test]
    fn lower_case_names_attributes_text_and_repetitions_are_unclaimed() {
        let body = "<ErrorResponse xmlns:x='u' x:a='1'>stray<Error><Code>C</Code><Code>D</Code><Code>E</Code><message>m</message>
            <Message lang='en'>M<b/></Message></Error><Error/><requestId/></ErrorResponse>";
        assert_eq!(
            of_error(body).1,
            [
                "ErrorResponse/@a",
                "ErrorResponse/Error/Code[2]",
                "ErrorResponse/Error/Message/@lang",
                "ErrorResponse/Error/Message/b",
                "ErrorResponse/Error/message",
                "ErrorResponse/Error[2]",
                "ErrorResponse/requestId",
                "ErrorResponse/text()",
            ]
        );
    }

    #[test]
    fn an_unclaimed_element_stands_for_all_that_is_in_it() {
        assert_eq!(of_error("<ErrorResponse><Extra a='1'><More/></Extra></ErrorResponse>").1, ["ErrorResponse/Extra"]);
    }

    #[test]
    fn an_empty_result_is_unclaimed_and_one_with_content_has_its_clause() {
        let enable = |result: &str| {
            of_success(
                Operation::EnableMfaDevice,
                &format!("<EnableMFADeviceResponse>{result}</EnableMFADeviceResponse>"),
            )
            .1
        };
        assert_eq!(enable("<EnableMFADeviceResult/>"), ["EnableMFADeviceResponse/EnableMFADeviceResult"]);
        assert_eq!(enable("<EnableMFADeviceResult><X/></EnableMFADeviceResult>"), Vec::<String>::new());
        let delete = "<DeleteUserResponse><DeleteUserResult><X/></DeleteUserResult></DeleteUserResponse>";
        assert_eq!(of_success(Operation::DeleteUser, delete).1, ["DeleteUserResponse/DeleteUserResult"]);
    }

    #[test]
    fn a_claimed_element_in_another_namespace_is_told_and_an_unclaimed_one_is_not() {
        assert!(!of_error("<ErrorResponse xmlns='u'><Error xmlns=''><Code>C</Code></Error></ErrorResponse>").0);
        assert!(!of_error("<ErrorResponse><Error><Code xmlns='v'>C</Code></Error></ErrorResponse>").0);
        assert!(of_error("<ErrorResponse xmlns='u'><Extra xmlns='v'/></ErrorResponse>").0);
        assert!(of_error("<p:ErrorResponse xmlns:p='u' xmlns='u'><Error/></p:ErrorResponse>").0);
    }

    #[test]
    fn no_more_than_twenty_paths_are_kept_each_of_bounded_length() {
        let many: Vec<String> = (10..60).map(|index| format!("<x{index}/>")).collect();
        let (_, unclaimed) =
            of_error(&format!("<ErrorResponse>{}<a{}/></ErrorResponse>", many.concat(), "b".repeat(10_000)));
        assert_eq!(unclaimed.len(), 20);
        assert_eq!(unclaimed[1], "ErrorResponse/x10");
        assert!(unclaimed.iter().all(|path| path.chars().count() <= 210));
    }
}
